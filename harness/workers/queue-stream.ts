import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { patientConnection } from './redis-link.ts';

/** More is never under way: entries are small, and those of a load that is over are read by nobody. */
const KEPT = 2_000;
const BLOCK_MS = 1_000;
/** What refuses once (a server that is loading its data) may answer soon. */
const READ_TRIES = 5;
const RETRY_AFTER_MS = 100;

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

interface Follower {
  /** What was appended. */
  readonly onMessage: (message: unknown) => void;
  /** A message was skipped because it could not be read, or because `onMessage` threw. */
  readonly onSkipped: (error: unknown) => void;
  /** Nothing is read any more: every new try was refused. Not called when it was disposed of. */
  readonly onLost: (error: unknown) => void;
}

/** Follows a stream from behind `after` on a connection of its own, until it is disposed of. A connection that is interrupted is waited for. */
export function follow(redis: Redis, key: string, after: string, follower: Follower): Disposable {
  const own = patientConnection(redis);
  const end = new AbortController();
  readOn(own.redis, { key, after, follower, signal: end.signal }).catch((error: unknown) => {
    own[Symbol.dispose]();
    if (!end.signal.aborted) follower.onLost(error);
  });
  return {
    [Symbol.dispose]() {
      end.abort();
      own[Symbol.dispose]();
    },
  };
}

interface Reading {
  readonly key: string;
  readonly after: string;
  readonly follower: Follower;
  readonly signal: AbortSignal;
}

async function readOn(redis: Redis, { key, after, follower, signal }: Reading): Promise<void> {
  let last = after;
  while (!signal.aborted) {
    const entries = await readAfter(redis, { key, last, signal });
    last = entries.at(-1)?.[0] ?? last;
    for (const [, fields] of entries) if (fields[1] !== undefined) handOver(fields[1], follower);
  }
}

type Entries = readonly (readonly [id: string, fields: readonly string[]])[];

/** Rejects when it was refused again and again: 3 s in all. */
async function readAfter(redis: Redis, { key, last, signal }: { key: string; last: string; signal: AbortSignal }): Promise<Entries> {
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await redis.xread('BLOCK', BLOCK_MS, 'STREAMS', key, last);
      return (answer ?? []).flatMap(([, found]) => found);
    } catch (error) {
      if (tried === READ_TRIES) throw error;
      await delay(RETRY_AFTER_MS * 2 ** tried, null, { signal });
    }
  }
}

function handOver(json: string, { onMessage, onSkipped }: Follower): void {
  try {
    onMessage(JSON.parse(json));
  } catch (error) {
    onSkipped(error);
  }
}
