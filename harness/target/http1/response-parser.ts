import { BodySink } from './body-sink.ts';
import { ChunkedReader } from './chunked.ts';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from './limits.ts';
import { parseHead, type ResponseHead } from './response-head.ts';

/** `too-large`: beyond our own limits, which is not the server's fault. */
export type ParserState = 'reading' | 'done' | 'failed' | 'too-large';

const END_OF_HEAD = '\r\n\r\n';
const START = 'HTTP/1.';
const SWITCHING_PROTOCOLS = 101;

/** The head read last: a server under load sends the same one again and again, and comparing is cheaper than reading. */
export class HeadMemo {
  #text = '';
  #head: ResponseHead | string = '';

  read(text: string): ResponseHead | string {
    if (text !== this.#text || text === '') {
      this.#head = parseHead(text);
      this.#text = text;
    }
    return this.#head;
  }
}

/**
 * Reads one HTTP/1.x answer from bytes that come in any pieces (RFC 9112). Informational answers before it are skipped.
 * Strict: what is malformed fails, so that two readers never differ about where an answer ends.
 */
export class ResponseParser {
  readonly #memo: HeadMemo;
  #state: ParserState = 'reading';
  #phase: 'head' | 'length' | 'chunked' | 'until-close' = 'head';
  #bodyless = false;
  #text = '';
  #left = 0;
  #chunked: ChunkedReader | null = null;
  #sink: BodySink | null = null;
  /** Of the final answer; null until its head is whole. */
  head: ResponseHead | null = null;
  /** What is wrong with the answer when the state is `failed`. */
  problem = '';
  /** Whether anything at all has come. */
  started = false;

  constructor(memo: HeadMemo = new HeadMemo()) {
    this.#memo = memo;
  }

  get state(): ParserState {
    return this.#state;
  }

  /** Whether only the end of the connection ends this answer. */
  get untilClose(): boolean {
    return this.#phase === 'until-close';
  }

  get bodyBytes(): number {
    return this.#sink?.bytes ?? 0;
  }

  /** The body; meaningful once the state is `done`. */
  text(): string {
    return this.#sink?.text() ?? '';
  }

  /** Makes it ready for the next answer. @param bodyless the request was HEAD. */
  reset(bodyless: boolean): void {
    this.#state = 'reading';
    this.#phase = 'head';
    this.#bodyless = bodyless;
    this.#text = '';
    this.#chunked = null;
    this.#sink = null;
    this.head = null;
    this.started = false;
  }

  /** Takes `chunk` up to `to` and returns where it stopped: before the end when the answer is over there. */
  push(chunk: Buffer, to: number): number {
    let at = 0;
    if (to > 0) this.started = true;
    while (at < to && this.#state === 'reading')
      at = this.#phase === 'head' ? this.#readHead(chunk, at, to) : this.#readBody(chunk, at, to);
    return at;
  }

  /** The connection was closed for writing by the server. */
  end(): void {
    if (this.#state !== 'reading') return;
    if (this.#phase === 'until-close') this.#state = 'done';
    else this.#fail('the connection was closed before the answer was complete');
  }

  #readHead(chunk: Buffer, from: number, to: number): number {
    const before = this.#text.length;
    const room = MAX_HEAD_BYTES + END_OF_HEAD.length - before;
    const text =
      before === 0
        ? chunk.toString('latin1', from, Math.min(to, from + room))
        : this.#text + chunk.toString('latin1', from, Math.min(to, from + room));
    const end = text.indexOf(END_OF_HEAD, Math.max(0, before - END_OF_HEAD.length));
    if (end >= 0) {
      this.#text = '';
      this.#takeHead(text.slice(0, end));
      return from + end - before + END_OF_HEAD.length;
    }
    this.#text = text;
    if (!text.startsWith(START.slice(0, text.length))) this.#fail('it does not begin as an HTTP/1 answer');
    else if (hasBareLineFeed(text, before)) this.#fail('a line of its head ends without a carriage return');
    else if (text.length >= MAX_HEAD_BYTES + END_OF_HEAD.length) this.#state = 'too-large';
    return to;
  }

  #takeHead(text: string): void {
    const head = this.#memo.read(text);
    if (typeof head === 'string') return this.#fail(head);
    if (head.status < 200 && head.status !== SWITCHING_PROTOCOLS) return;
    if (head.status === SWITCHING_PROTOCOLS) return this.#fail('it switches protocols, which nobody asked for');
    this.head = head;
    const { framing } = head;
    if (this.#bodyless || framing.kind === 'none') {
      this.#state = 'done';
    } else if (framing.kind === 'length') {
      this.#expect(framing.bytes);
    } else {
      this.#sink = new BodySink();
      this.#phase = framing.kind;
      this.#chunked = framing.kind === 'chunked' ? new ChunkedReader() : null;
    }
  }

  #expect(bytes: number): void {
    this.#left = bytes;
    if (bytes === 0) this.#state = 'done';
    else if (bytes > MAX_BODY_BYTES) this.#state = 'too-large';
    else {
      this.#sink = new BodySink();
      this.#phase = 'length';
    }
  }

  #readBody(chunk: Buffer, from: number, to: number): number {
    const sink = this.#sink;
    if (sink === null) return to;
    if (this.#chunked !== null) return this.#readChunked(this.#chunked, chunk, from, to);
    const end = this.#phase === 'length' ? Math.min(to, from + this.#left) : to;
    if (this.#phase === 'length' && sink.bytes === 0 && end - from === this.#left) sink.whole(chunk, from, end);
    else sink.add(chunk, from, end);
    this.#left -= end - from;
    if (this.#phase === 'length' && this.#left === 0) this.#state = 'done';
    if (sink.tooLarge) this.#state = 'too-large';
    return end;
  }

  #readChunked(chunked: ChunkedReader, chunk: Buffer, from: number, to: number): number {
    const at = this.#sink === null ? to : chunked.push(chunk, from, to, this.#sink);
    this.#state = chunked.state;
    if (chunked.state === 'failed') this.problem = 'a chunk of its body is malformed';
    return at;
  }

  #fail(problem: string): void {
    this.#state = 'failed';
    this.problem = problem;
  }
}

/** Looks at what is new only, and at one character before it. */
function hasBareLineFeed(text: string, from: number): boolean {
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at - 1] !== '\r') return true;
  }
  return false;
}
