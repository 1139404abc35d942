import type { BodySink } from './body-sink.ts';
import { MAX_HEAD_BYTES } from './limits.ts';
import { isFieldLine } from './response-head.ts';

const LINE_FEED = 0x0a;
/** Size in hex, then extensions, which mean nothing to us. */
const SIZE = /^([0-9a-f]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i;

/** Reads a body in chunks with its trailer section (RFC 9112, 7.1). `too-large`: a line or the trailers pass our limit. */
export class ChunkedReader {
  state: 'reading' | 'done' | 'failed' | 'too-large' = 'reading';
  #expects: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #left = 0;
  #line = '';
  #trailerBytes = 0;

  /** Takes what belongs to the body and returns where it stopped. */
  push(chunk: Buffer, from: number, to: number, sink: BodySink): number {
    let at = from;
    while (at < to && this.state === 'reading') {
      at = this.#expects === 'data' ? this.#data(chunk, at, to, sink) : this.#lineOf(chunk, at, to);
    }
    return at;
  }

  #data(chunk: Buffer, from: number, to: number, sink: BodySink): number {
    const end = Math.min(to, from + this.#left);
    sink.add(chunk, from, end);
    this.#left -= end - from;
    if (this.#left === 0) this.#expects = 'data-end';
    if (sink.tooLarge) this.state = 'too-large';
    return end;
  }

  #lineOf(chunk: Buffer, from: number, to: number): number {
    let end = from;
    while (end < to && chunk[end] !== LINE_FEED) end += 1;
    this.#line += chunk.toString('latin1', from, end);
    if (this.#line.length + this.#trailerBytes > MAX_HEAD_BYTES) {
      this.state = 'too-large';
      return end;
    }
    if (end === to) return end;
    const line = this.#line;
    this.#line = '';
    this.state = line.endsWith('\r') ? this.#take(line.slice(0, -1)) : 'failed';
    return end + 1;
  }

  #take(line: string): 'reading' | 'done' | 'failed' {
    if (this.#expects === 'size') return this.#size(line);
    if (this.#expects === 'data-end') {
      this.#expects = 'size';
      return line === '' ? 'reading' : 'failed';
    }
    this.#trailerBytes += line.length;
    if (line === '') return 'done';
    return isFieldLine(line) ? 'reading' : 'failed';
  }

  #size(line: string): 'reading' | 'failed' {
    const size = SIZE.exec(line)?.[1];
    if (size === undefined) return 'failed';
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? 'trailer' : 'data';
    return 'reading';
  }
}
