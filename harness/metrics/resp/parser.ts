/**
 * One whole message of RESP 2 or 3, as far as counting needs it. Texts are kept to their first bytes, everything that nests is flat: an
 * array is a list of its items, a map of its keys and values in turn.
 */
export type Message =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Message[] }
  /** Not an answer to a command: a message of a channel, an invalidation. */
  | { readonly kind: 'push' }
  /** Comes before an answer and is no answer itself. */
  | { readonly kind: 'attribute' };

/** The bytes are no RESP: whoever reads them has lost the thread. */
export class NotResp extends Error {
  override readonly name = 'NotResp';
}

/** What is kept of a text: enough for a key. */
const KEPT_BYTES = 256;
const LONGEST_LINE = 65_536;
const DEEPEST = 32;
/** More than any command names or any answer that counts has; keeping more would take the memory of who only listens. */
const MOST_PARTS = 100_000;
const CR = 13;
const LF = 10;

interface Open {
  readonly kind: 'list' | 'push' | 'attribute';
  readonly items: Message[];
  missing: number;
}

/** Reads messages from bytes that come in pieces of any size; keeps at most one line and one beginning of a text between them. */
export class RespParser {
  readonly #onMessage: (message: Message) => void;
  readonly #open: Open[] = [];
  #line = '';
  /** Bytes of a text that are still to come, its end of line included; null: a line is to come. */
  #left: number | null = null;
  #text = '';
  #textKind: 'text' | 'error' = 'text';
  /** Of the message that is not whole yet. */
  #parts = 0;

  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws NotResp; nothing can be read any more then. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#left === null ? this.#readLine(bytes, at) : this.#readText(bytes, at, this.#left);
  }

  #readLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    const piece = bytes.toString('latin1', from, end === -1 ? bytes.length : end);
    this.#line += piece;
    if (this.#line.length > LONGEST_LINE) throw new NotResp('a line has no end');
    if (end === -1) return bytes.length;
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#take(line);
    return end + 1;
  }

  #readText(bytes: Buffer, from: number, left: number): number {
    const to = Math.min(bytes.length, from + left);
    const content = Math.min(to, from + Math.max(0, left - 2));
    const room = KEPT_BYTES - this.#text.length;
    if (room > 0 && content > from) this.#text += bytes.toString('latin1', from, Math.min(content, from + room));
    for (let at = Math.max(content, from); at < to; at += 1) {
      const expected = left - (at - from) === 2 ? CR : LF;
      if (bytes[at] !== expected) throw new NotResp('a text does not end where it should');
    }
    this.#left = left - (to - from);
    if (this.#left > 0) return to;
    this.#left = null;
    this.#close({ kind: this.#textKind, text: this.#text });
    return to;
  }

  #take(line: string): void {
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
      case ':':
      case '#':
      case ',':
      case '(':
        return this.#close({ kind: 'text', text: rest.slice(0, KEPT_BYTES) });
      case '-':
        return this.#close({ kind: 'error', text: rest.slice(0, KEPT_BYTES) });
      case '_':
        return this.#close({ kind: 'null' });
      case '$':
      case '=':
        return this.#begin('text', lengthOf(rest));
      case '!':
        return this.#begin('error', lengthOf(rest));
      default:
        return this.#takeNested(line[0], rest, line);
    }
  }

  #takeNested(mark: string | undefined, rest: string, line: string): void {
    switch (mark) {
      case '*':
      case '~':
        return this.#nest('list', lengthOf(rest));
      case '%':
        return this.#nest('list', lengthOf(rest) * 2);
      case '>':
        return this.#nest('push', lengthOf(rest));
      case '|':
        return this.#nest('attribute', lengthOf(rest) * 2);
      default:
        return this.#takeInline(line);
    }
  }

  /** A command as people type it: words on a line. Nothing else may begin so. */
  #takeInline(line: string): void {
    if (this.#open.length > 0 || !/^[\w\s"'.:*-]*$/u.test(line)) throw new NotResp('a message begins with no known sign');
    const words = line.split(/\s+/u).filter((word) => word !== '');
    if (words.length > 0) this.#close({ kind: 'list', items: words.map((text): Message => ({ kind: 'text', text })) });
  }

  #begin(kind: 'text' | 'error', length: number): void {
    if (length < 0) return this.#close({ kind: 'null' });
    this.#textKind = kind;
    this.#text = '';
    this.#left = length + 2;
  }

  #nest(kind: Open['kind'], length: number): void {
    if (length < 0) return this.#close({ kind: 'null' });
    if (length === 0) return this.#close(kind === 'list' ? { kind, items: [] } : { kind });
    if (this.#open.length >= DEEPEST) throw new NotResp('it nests too deep');
    this.#open.push({ kind, items: [], missing: length });
  }

  /** A message is whole: it is an item of what is open, which may be whole with it. */
  #close(message: Message): void {
    let whole = message;
    this.#parts += 1;
    if (this.#parts > MOST_PARTS) throw new NotResp('a message has too many parts to be followed');
    for (;;) {
      const open = this.#open.at(-1);
      if (open === undefined) {
        this.#parts = 0;
        return this.#onMessage(whole);
      }
      // An attribute stands before an item and is none.
      if (whole.kind === 'attribute') return;
      if (open.kind === 'list') open.items.push(whole);
      open.missing -= 1;
      if (open.missing > 0) return;
      this.#open.pop();
      whole = open.kind === 'list' ? { kind: 'list', items: open.items } : { kind: open.kind };
    }
  }
}

function lengthOf(text: string): number {
  if (!/^-?\d{1,10}$/u.test(text)) throw new NotResp(`"${text.slice(0, 20)}" is no length`);
  return Number(text);
}
