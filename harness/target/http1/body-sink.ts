import { MAX_BODY_BYTES } from './limits.ts';

/** Collects the body of one answer. The bytes it is given are overwritten later, so it copies what it cannot decode at once. */
export class BodySink {
  #bytes = 0;
  #pieces: Buffer[] = [];
  #text = '';

  get bytes(): number {
    return this.#bytes;
  }

  get tooLarge(): boolean {
    return this.#bytes > MAX_BODY_BYTES;
  }

  /** The whole body in one piece. */
  whole(chunk: Buffer, from: number, to: number): void {
    this.#bytes = to - from;
    this.#text = chunk.toString('utf8', from, to);
  }

  add(chunk: Buffer, from: number, to: number): void {
    this.#bytes += to - from;
    if (!this.tooLarge) this.#pieces.push(Buffer.from(chunk.subarray(from, to)));
  }

  /** Call it once the body is complete: a character may be split over pieces. */
  text(): string {
    if (this.#pieces.length > 0) this.#text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    return this.#text.charCodeAt(0) === BYTE_ORDER_MARK ? this.#text.slice(1) : this.#text;
  }
}

const BYTE_ORDER_MARK = 0xfeff;
