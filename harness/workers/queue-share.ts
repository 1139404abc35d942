import type { Redis } from 'ioredis';
import type { ShardReport } from '../load/index.ts';
import { fromErrorData, toErrorData } from '../model/error-data.ts';
import { messageOf } from '../model/errors.ts';
import type { LoadTask, TaskRunner } from './load-task.ts';
import type { Said } from './messages.ts';
import { performShare } from './perform-share.ts';
import { append, follow } from './queue-stream.ts';
import { RUN_TTL_MS, runKeys } from './queue-names.ts';
import { readRedisClock } from './redis-clock.ts';
import { fillTask, withoutSecrets } from './secret-references.ts';
import { Share } from './share-orders.ts';

/** A share as it lies in the queue. Its task holds references in the place of secrets. */
export interface QueuedShare {
  readonly load: string;
  readonly index: number;
  readonly task: LoadTask;
  /** Where to begin to read what is told to the workers of the run. */
  readonly after: string;
}

/** What the workers of a run are told. */
export type QueueTold =
  | { readonly load: string; readonly kind: 'abort' }
  /** Milliseconds of the Redis server's clock. */
  | { readonly load: string; readonly kind: 'go'; readonly atRedisMs: number };

/** What is said of a share; a report is the return value of its job. */
export interface QueueSaid {
  readonly load: string;
  readonly index: number;
  readonly said: Exclude<Said, { kind: 'done' }> | { readonly kind: 'done' };
}

export interface QueueShareOptions {
  readonly redis: Redis;
  readonly run: string;
  readonly share: QueuedShare;
  readonly worker: string;
  readonly runner: TaskRunner;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts with the reason why this worker gives its share back. */
  readonly signal: AbortSignal;
}

/** Does one share that was taken from the queue. Resolves with the report; rejects when there is none, which has been said by then. */
export async function performQueuedShare(options: QueueShareOptions): Promise<ShardReport> {
  const { redis, run, share, worker, runner, env, signal } = options;
  const { load, index } = share;
  const { said: stream, told } = runKeys(run);
  const say = (said: QueueSaid['said']): void => append(redis, stream, { load, index, said } satisfies QueueSaid, RUN_TTL_MS);
  say({ kind: 'taken', worker });
  const orders = new Share();
  const giveBack = (reason: string): void => {
    say({ kind: 'lost', reason });
    orders.abort();
  };
  const ready = await orFailure(async () => ({ ...fillTask(share.task, env), clock: await readRedisClock(redis) }));
  if ('failure' in ready) {
    say({ kind: 'failed', error: toErrorData(ready.failure) });
    throw ready.failure;
  }
  const { value: task, secrets, clock } = ready;
  const deaf = (error: unknown): void => giveBack(`could not read its orders: ${messageOf(error)}`);
  const onMessage = (message: unknown): void => {
    const order = message as QueueTold;
    if (order.load !== load) return;
    if (order.kind === 'go') orders.begin(order.atRedisMs - clock.offsetMs);
    else orders.abort();
  };
  const following = follow(redis, told, share.after, { onMessage, onSkipped: deaf, onLost: deaf });
  const leave = (): void => giveBack(messageOf(signal.reason));
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  let last: Said | null = null;
  await performShare(runner, task, orders, (said) => {
    last = withoutSecrets(said, secrets);
    if (last.kind !== 'done') say(last);
  });
  following[Symbol.dispose]();
  signal.removeEventListener('abort', leave);
  return reportOf(last);
}

function reportOf(last: Said | null): ShardReport {
  if (last?.kind === 'done') return last.report;
  throw last?.kind === 'failed' ? fromErrorData(last.error) : new Error('a share ended without a word'); // invariant: performShare says one of both last
}

async function orFailure<T extends object>(work: () => Promise<T>): Promise<T | { readonly failure: unknown }> {
  try {
    return await work();
  } catch (error) {
    return { failure: error };
  }
}
