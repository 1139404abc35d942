import type { Message } from './parser.ts';

/** What was looked for under keys of one shape. */
export interface Reads {
  readonly hits: number;
  readonly misses: number;
  /** Answered with an error: neither. */
  readonly refused: number;
}

/** By the shape of the key: `cache:exec:*`. */
export type ReadsByShape = Readonly<Record<string, Reads>>;

/** More shapes than any application has; what comes after is counted together. */
const MOST_SHAPES = 500;
const OTHER = '(others)';

/** How the answer tells whether something was there. */
const SINGLE = new Set(['GET', 'GETEX', 'GETDEL', 'HGET']);
const KEY_EACH = new Set(['MGET']);
const FIELD_EACH = new Set(['HMGET']);
const WHOLE = new Set(['HGETALL']);

export function isRead(command: string): boolean {
  return SINGLE.has(command) || KEY_EACH.has(command) || FIELD_EACH.has(command) || WHOLE.has(command);
}

/** Counts what reads found. Everything else that Redis counts as a hit (streams, EXISTS, TTL) is left out. */
export class ReadCounter {
  readonly #byShape = new Map<string, { hits: number; misses: number; refused: number }>();

  /** `keys`: what stands after the name of the command. */
  count(command: string, keys: readonly string[], reply: Message): void {
    const [first = ''] = keys;
    if (reply.kind === 'error') return this.#add(first, 'refused');
    if (WHOLE.has(command)) return this.#add(first, isSomeOf(reply) ? 'hits' : 'misses');
    if (SINGLE.has(command)) return this.#add(first, isThere(reply) ? 'hits' : 'misses');
    if (reply.kind !== 'list') return;
    for (const [index, item] of reply.items.entries()) {
      this.#add(KEY_EACH.has(command) ? (keys[index] ?? '') : first, isThere(item) ? 'hits' : 'misses');
    }
  }

  totals(): ReadsByShape {
    return Object.fromEntries([...this.#byShape].map(([shape, reads]) => [shape, { ...reads }]));
  }

  #add(key: string, what: keyof Reads): void {
    const shape = shapeOf(key);
    const name = this.#byShape.has(shape) || this.#byShape.size < MOST_SHAPES ? shape : OTHER;
    const reads = this.#byShape.get(name) ?? { hits: 0, misses: 0, refused: 0 };
    reads[what] += 1;
    this.#byShape.set(name, reads);
  }
}

function isThere({ kind }: Message): boolean {
  return kind !== 'null';
}

function isSomeOf(reply: Message): boolean {
  return reply.kind === 'list' && reply.items.length > 0;
}

/** The key with everything left out that differs from one to the next: `cache:exec:6f1c…:9a0b…` is `cache:exec:*:*`. */
export function shapeOf(key: string): string {
  return key
    .split(':')
    .map((part) => (isId(part) ? '*' : part))
    .join(':');
}

function isId(part: string): boolean {
  return part.length > 40 || /^\d+$/u.test(part) || /^[0-9a-f]{8}[0-9a-f-]*$/iu.test(part) || (part.length >= 16 && /\d/u.test(part));
}
