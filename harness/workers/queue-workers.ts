import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { messageOf, MusterError } from '../model/errors.ts';
import type { ShardReport } from '../load/index.ts';
import { orAborted, whyUnfinished } from './bounded.ts';
import { LOAD_NOT_RUN } from './coordinator.ts';
import type { LoadTask } from './load-task.ts';
import type { LoadWorkers, OpenShares, Said } from './messages.ts';
import {
  INDEX_TTL_MS,
  LIFE_MS,
  PULSE_MS,
  QUEUE_PREFIX,
  RUN_TTL_MS,
  RUNS,
  runKeys,
  workerKey,
  WORKERS,
  type Presence,
} from './queue-names.ts';
import type { QueuedShare, QueueSaid, QueueTold } from './queue-share.ts';
import { append, follow, lastIdOf } from './queue-stream.ts';
import { sweepRun } from './queue-sweep.ts';
import { requireReachable } from './reachable.ts';
import { readRedisClock, redisTimeMs } from './redis-clock.ts';
import { executeAll, openRedis, shownAddress } from './redis-link.ts';

/** More shares than that are not planned; the others wait for another run. */
export const MOST_WORKERS = 16;
/** A worker that is there joins within a pulse; one that is being started has this time. */
const JOIN_WITHIN_MS = 10_000;
/** Workers leave within a pulse; one that does not is left to its own end. */
const LEAVE_WITHIN_MS = 3_000;
/** After that, the time to remove what the run has in Redis; a Redis that does not answer keeps nobody. */
const CLEAR_WITHIN_MS = 2_000;

export interface QueueWorkersOptions {
  readonly redisUrl: string;
  readonly runId: string;
  /** A copy of the task with references in the place of every secret: nothing else of it is written to Redis. */
  readonly withReferences: (task: LoadTask) => LoadTask;
  readonly onEvent: (text: string) => void;
  readonly signal: AbortSignal;
  /** Within which the first worker must have joined; 10 s when absent. */
  readonly joinWithinMs?: number;
}

/**
 * Opens a run for load workers and waits until those that are free have joined it. Dispose of it: workers belong to one run at a time.
 * @throws MusterError MUSTER_NO_WORKERS (environment) when none has joined in time; the reason of `signal` when it aborts.
 */
export async function queueWorkers(options: QueueWorkersOptions): Promise<LoadWorkers> {
  const redis = await openRedis(options.redisUrl);
  const pool = new QueuePool(options, redis);
  try {
    await pool.start();
    return pool;
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}

interface Listener {
  readonly load: string;
  readonly shares: number;
  readonly hear: (index: number, said: Said) => void;
}

class QueuePool implements LoadWorkers {
  readonly #options: QueueWorkersOptions;
  readonly #redis: Redis;
  readonly #queue: Queue<QueuedShare, ShardReport>;
  /** Why nothing is heard of the workers any more. */
  #deaf: string | null = null;
  #pulse: NodeJS.Timeout | undefined;
  #said: Disposable | null = null;
  #listener: Listener | null = null;

  constructor(options: QueueWorkersOptions, redis: Redis) {
    this.#options = options;
    this.#redis = redis;
    this.#queue = new Queue(options.runId, {
      connection: redis,
      prefix: QUEUE_PREFIX,
      // A share is never done twice: a second time is another load on the target. Reports are fetched at once.
      defaultJobOptions: { attempts: 1, removeOnComplete: { age: 60 }, removeOnFail: { age: 60 }, stackTraceLimit: 0 },
      streams: { events: { maxLen: 10 } },
    });
    this.#queue.on('error', () => undefined); // What fails rejects as well.
  }

  async start(): Promise<void> {
    const { runId, onEvent, redisUrl, signal, joinWithinMs = JOIN_WITHIN_MS } = this.#options;
    await orAborted(this.#live(), signal);
    this.#pulse = setInterval(() => void this.#live().catch(() => undefined), PULSE_MS); // Whoever needs an answer learns that there is none.
    this.#said = follow(this.#redis, runKeys(runId).said, '0-0', {
      onMessage: (message) => this.#hear(message as QueueSaid),
      onSkipped: (error) => onEvent(`something that a load worker said cannot be read: ${messageOf(error)}`),
      onLost: (error) => this.#loseAll(`could not be heard any more: ${messageOf(error)}`),
    });
    const limitMs = monotonicMs() + joinWithinMs;
    for (;;) {
      const present = await orAborted(this.#present(), signal);
      const joined = present.filter(({ run }) => run === runId);
      const free = present.filter(({ run }) => run === null);
      const late = monotonicMs() > limitMs;
      if (joined.length > 0 && (free.length === 0 || late)) return onEvent(`load workers: ${joined.map(({ name }) => name).join(', ')}`);
      if (late) throw noWorkers(redisUrl, joinWithinMs, present);
      await orAborted(delay(PULSE_MS / 2), signal);
    }
  }

  async count(): Promise<number> {
    if (this.#deaf !== null) throw refused(`they ${this.#deaf}`);
    return Math.min(MOST_WORKERS, (await answered(this.#joined())).length);
  }

  open(tasks: readonly LoadTask[], hear: Listener['hear']): Promise<OpenShares> {
    return answered(this.#handOut(tasks, hear));
  }

  async #handOut(tasks: readonly LoadTask[], hear: Listener['hear']): Promise<OpenShares> {
    const { runId, withReferences } = this.#options;
    const { told } = runKeys(runId);
    const joined = await this.#joined();
    if (this.#listener !== null) throw refused('they are busy with another load of this run');
    if (tasks.length === 0 || joined.length < tasks.length) throw refused(`${joined.length} are there`);
    for (const task of tasks.slice(0, 1)) requireReachable(task, joined, hostname());
    const load = randomUUID();
    const { offsetMs } = await readRedisClock(this.#redis);
    const after = await lastIdOf(this.#redis, told);
    this.#listener = { load, shares: tasks.length, hear };
    const jobs = await this.#queue.addBulk(
      tasks.map((task, index) => ({
        name: task.plan.id,
        data: { load, index, task: withReferences(task), after },
        opts: { jobId: `${load}-${index}` },
      })),
    );
    const tell = (message: QueueTold): void => append(this.#redis, told, message, RUN_TTL_MS);
    return {
      go: (startAtMs) => tell({ load, kind: 'go', atRedisMs: startAtMs + offsetMs }),
      abort: () => tell({ load, kind: 'abort' }),
      [Symbol.asyncDispose]: async () => {
        this.#listener = null;
        tell({ load, kind: 'abort' });
        await whyUnfinished(this.#takeBack(jobs), CLEAR_WITHIN_MS); // What is left is removed at the end of the run, or expires.
      },
    };
  }

  async #takeBack(jobs: readonly Job[]): Promise<void> {
    // One that is still being done is locked.
    await Promise.all(jobs.map((job) => job.remove().catch(() => undefined)));
    await this.#redis.unlink(this.#queue.keys['events'] ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pulse);
    this.#said?.[Symbol.dispose]();
    const left = await whyUnfinished(this.#leave(), LEAVE_WITHIN_MS + CLEAR_WITHIN_MS);
    if (left !== null) this.#options.onEvent(`what the run has in the queue was left to expire: ${left}`);
    this.#redis.disconnect();
  }

  async #leave(): Promise<void> {
    const { runId } = this.#options;
    await executeAll(this.#redis.pipeline().unlink(runKeys(runId).open).zrem(RUNS, runId));
    const limitMs = monotonicMs() + LEAVE_WITHIN_MS;
    while ((await this.#joined()).length > 0 && monotonicMs() < limitMs) await delay(PULSE_MS / 4);
    await this.#queue.close();
    await sweepRun(this.#redis, runId);
  }

  #hear({ load, index, said }: QueueSaid): void {
    const listener = this.#listener;
    if (listener === null || listener.load !== load) return;
    if (said.kind === 'done') void this.#fetch(listener, index);
    else listener.hear(index, said);
  }

  #loseAll(reason: string): void {
    this.#deaf = reason;
    const { shares, hear } = this.#listener ?? { shares: 0, hear: () => undefined };
    for (let index = 0; index < shares; index += 1) hear(index, { kind: 'lost', reason });
  }

  async #fetch({ load, hear }: Listener, index: number): Promise<void> {
    try {
      const job = await this.#queue.getJob(`${load}-${index}`);
      if (job?.returnvalue) hear(index, { kind: 'done', report: job.returnvalue });
      else hear(index, { kind: 'lost', reason: 'did its share, and its report is not in the queue' });
    } catch (error) {
      hear(index, { kind: 'lost', reason: `did its share, and its report could not be fetched: ${String(error)}` });
    }
  }

  /** Says that the run is alive, so that its workers stay; and that its keys are still wanted. */
  async #live(): Promise<void> {
    const { runId } = this.#options;
    const nowMs = await redisTimeMs(this.#redis);
    const pipeline = this.#redis
      .pipeline()
      .set(runKeys(runId).open, '1', 'PX', LIFE_MS)
      .zremrangebyscore(RUNS, '-inf', nowMs)
      .zadd(RUNS, nowMs + LIFE_MS, runId)
      .pexpire(RUNS, INDEX_TTL_MS);
    const load = this.#listener?.load;
    const jobs = load === undefined ? [] : Array.from({ length: MOST_WORKERS }, (_, index) => this.#queue.toKey(`${load}-${index}`));
    for (const key of [...Object.values(this.#queue.keys), ...jobs]) pipeline.pexpire(key, RUN_TTL_MS);
    await executeAll(pipeline);
  }

  async #joined(): Promise<readonly Presence[]> {
    return (await this.#present()).filter(({ run }) => run === this.#options.runId);
  }

  async #present(): Promise<readonly Presence[]> {
    const ids = await this.#redis.zrangebyscore(WORKERS, await redisTimeMs(this.#redis), '+inf');
    if (ids.length === 0) return [];
    const told = await this.#redis.mget(ids.map(workerKey));
    return told.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Presence]));
  }
}

function noWorkers(redisUrl: string, withinMs: number, present: readonly Presence[]): MusterError {
  const busy = present.length === 0 ? '' : ` ${present.length} are there and belong to other runs.`;
  return new MusterError(`No load worker has joined within ${withinMs / 1000} s at ${shownAddress(redisUrl)}.${busy}`, {
    code: 'MUSTER_NO_WORKERS',
    blame: 'environment',
    hint: `Start one on every machine that is to make load: muster worker --redis ${shownAddress(redisUrl)} (the password in MUSTER_WORKER_REDIS).`,
  });
}

/** What fails while Redis is asked is a load that could not be made, not a defect of ours. */
async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof MusterError ? error : refused(`their queue does not answer (${messageOf(error)})`);
  }
}

function refused(why: string): MusterError {
  return new MusterError(`The load workers of the queue cannot take the load: ${why}.`, {
    code: LOAD_NOT_RUN,
    blame: 'environment',
    hint: 'See `muster worker` on their machines for why they left.',
  });
}
