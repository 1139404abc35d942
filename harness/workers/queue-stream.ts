import type { Redis } from 'ioredis';

/** More is never under way: entries are small, and those of a load that is over are read by nobody. */
const KEPT = 2_000;
const BLOCK_MS = 1_000;

/** Appends a message to a stream that is bounded, and gone soon after its run. Does not wait; the order of calls is kept. */
export function append(redis: Redis, key: string, message: object, ttlMs: number): void {
  redis
    .pipeline()
    .xadd(key, 'MAXLEN', '~', KEPT, '*', 'json', JSON.stringify(message))
    .pexpire(key, ttlMs)
    .exec()
    .catch(() => undefined); // A queue that is gone is noticed by its silence.
}

/** Id of the last message of a stream, to read on from. */
export async function lastIdOf(redis: Redis, key: string): Promise<string> {
  const [last] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

/** Follows a stream on a connection of its own, until it is disposed of. Messages are what was appended. */
export function follow(redis: Redis, key: string, after: string, onMessage: (message: unknown) => void): Disposable {
  const own = redis.duplicate();
  own.on('error', () => undefined);
  const end = new AbortController();
  // Ends with its connection: closed from here, or for good.
  readOn(own, { key, after, onMessage, signal: end.signal }).catch(() => undefined);
  return {
    [Symbol.dispose]() {
      end.abort();
      own.disconnect();
    },
  };
}

interface Reading {
  readonly key: string;
  readonly after: string;
  readonly onMessage: (message: unknown) => void;
  readonly signal: AbortSignal;
}

async function readOn(redis: Redis, { key, after, onMessage, signal }: Reading): Promise<void> {
  let last = after;
  while (!signal.aborted) {
    const answer = await redis.xread('BLOCK', BLOCK_MS, 'STREAMS', key, last);
    const entries = (answer ?? []).flatMap(([, found]) => found);
    last = entries.at(-1)?.[0] ?? last;
    for (const [, fields] of entries) if (fields[1] !== undefined) onMessage(JSON.parse(fields[1]));
  }
}
