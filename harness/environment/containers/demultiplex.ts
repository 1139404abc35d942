import { Transform, type TransformCallback } from 'node:stream';

const HEADER_BYTES = 8;

/**
 * Takes the engine's log stream apart: frames of an 8-byte header (stream, 3 zeros, length) and its bytes, as the service wrote them.
 * A container with a terminal sends no frames; do not use it there.
 */
export class Demultiplex extends Transform {
  #header = Buffer.alloc(0);
  #leftInFrame = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let rest = chunk; rest.length > 0; ) rest = this.#leftInFrame > 0 ? this.#body(rest) : this.#head(rest);
    done();
  }

  #body(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#leftInFrame);
    this.#leftInFrame -= part.length;
    this.push(part);
    return bytes.subarray(part.length);
  }

  #head(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, HEADER_BYTES - this.#header.length);
    this.#header = Buffer.concat([this.#header, part]);
    if (this.#header.length === HEADER_BYTES) {
      this.#leftInFrame = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(part.length);
  }
}
