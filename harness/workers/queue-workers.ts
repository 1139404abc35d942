import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { MusterError } from '../model/errors.ts';
import type { ShardReport } from '../load/index.ts';
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
import { readRedisClock } from './redis-clock.ts';
import { openRedis, shownAddress } from './redis-link.ts';

/** More shares than that are not planned; the others wait for another run. */
export const MOST_WORKERS = 16;
/** A worker that is there joins within a pulse; one that is being started has this time. */
const JOIN_WITHIN_MS = 10_000;
/** Workers leave within a pulse; one that does not is left to its own end. */
const LEAVE_WITHIN_MS = 3_000;

export interface QueueWorkersOptions {
  readonly redisUrl: string;
  readonly runId: string;
  /** A copy of the task with references in the place of every secret: nothing else of it is written to Redis. */
  readonly withReferences: (task: LoadTask) => LoadTask;
  readonly onEvent: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens a run for load workers and waits until those that are free have joined it. Dispose of it: workers belong to one run at a time.
 * @throws MusterError MUSTER_NO_WORKERS (environment) when none has joined within 10 s.
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
  readonly hear: (index: number, said: Said) => void;
}

class QueuePool implements LoadWorkers {
  readonly #options: QueueWorkersOptions;
  readonly #redis: Redis;
  readonly #queue: Queue<QueuedShare, ShardReport>;
  #offsetMs = 0;
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
    const { runId, onEvent, redisUrl, signal } = this.#options;
    this.#offsetMs = (await readRedisClock(this.#redis)).offsetMs;
    await this.#live();
    this.#pulse = setInterval(() => void this.#live().catch(() => undefined), PULSE_MS);
    this.#said = follow(this.#redis, runKeys(runId).said, '0-0', (message) => this.#hear(message as QueueSaid));
    const limitMs = monotonicMs() + JOIN_WITHIN_MS;
    for (;;) {
      const present = await this.#present();
      const joined = present.filter(({ run }) => run === runId);
      const free = present.filter(({ run }) => run === null);
      const late = monotonicMs() > limitMs;
      if (joined.length > 0 && (free.length === 0 || late)) return onEvent(`load workers: ${joined.map(({ name }) => name).join(', ')}`);
      if (late) throw noWorkers(redisUrl, present);
      await delay(PULSE_MS / 2, null, { signal });
    }
  }

  async count(): Promise<number> {
    return Math.min(MOST_WORKERS, (await this.#joined()).length);
  }

  async open(tasks: readonly LoadTask[], hear: Listener['hear']): Promise<OpenShares> {
    const { runId, withReferences } = this.#options;
    const { told } = runKeys(runId);
    const joined = await this.#joined();
    if (this.#listener !== null) throw refused('they are busy with another load of this run');
    if (tasks.length === 0 || joined.length < tasks.length) throw refused(`${joined.length} are there`);
    for (const task of tasks.slice(0, 1)) requireReachable(task, joined, hostname());
    const load = randomUUID();
    const { offsetMs } = await readRedisClock(this.#redis);
    const after = await lastIdOf(this.#redis, told);
    this.#listener = { load, hear };
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
        // One that is still being done is locked; the end of the run removes it.
        await Promise.all(jobs.map((job) => job.remove().catch(() => undefined)));
        await this.#redis.unlink(this.#queue.keys['events'] ?? '');
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { runId } = this.#options;
    clearInterval(this.#pulse);
    this.#said?.[Symbol.dispose]();
    await this.#redis.pipeline().unlink(runKeys(runId).open).zrem(RUNS, runId).exec();
    const limitMs = monotonicMs() + LEAVE_WITHIN_MS;
    while ((await this.#joined()).length > 0 && monotonicMs() < limitMs) await delay(PULSE_MS / 4);
    await this.#queue.close();
    await sweepRun(this.#redis, runId);
    this.#redis.disconnect();
  }

  #hear({ load, index, said }: QueueSaid): void {
    const listener = this.#listener;
    if (listener === null || listener.load !== load) return;
    if (said.kind === 'done') void this.#fetch(listener, index);
    else listener.hear(index, said);
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
    const nowMs = monotonicMs() + this.#offsetMs;
    const pipeline = this.#redis
      .pipeline()
      .set(runKeys(runId).open, '1', 'PX', LIFE_MS)
      .zremrangebyscore(RUNS, '-inf', nowMs)
      .zadd(RUNS, nowMs + LIFE_MS, runId)
      .pexpire(RUNS, INDEX_TTL_MS);
    const load = this.#listener?.load;
    const jobs = load === undefined ? [] : Array.from({ length: MOST_WORKERS }, (_, index) => this.#queue.toKey(`${load}-${index}`));
    for (const key of [...Object.values(this.#queue.keys), ...jobs]) pipeline.pexpire(key, RUN_TTL_MS);
    await pipeline.exec();
  }

  async #joined(): Promise<readonly Presence[]> {
    return (await this.#present()).filter(({ run }) => run === this.#options.runId);
  }

  async #present(): Promise<readonly Presence[]> {
    const ids = await this.#redis.zrangebyscore(WORKERS, monotonicMs() + this.#offsetMs, '+inf');
    if (ids.length === 0) return [];
    const told = await this.#redis.mget(ids.map(workerKey));
    return told.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Presence]));
  }
}

function noWorkers(redisUrl: string, present: readonly Presence[]): MusterError {
  const busy = present.length === 0 ? '' : ` ${present.length} are there and belong to other runs.`;
  return new MusterError(`No load worker has joined within ${JOIN_WITHIN_MS / 1000} s at ${shownAddress(redisUrl)}.${busy}`, {
    code: 'MUSTER_NO_WORKERS',
    blame: 'environment',
    hint: `Start one on every machine that is to make load: muster worker --redis ${shownAddress(redisUrl)} (the password in MUSTER_WORKER_REDIS).`,
  });
}

function refused(why: string): MusterError {
  return new MusterError(`The load workers of the queue cannot take the load: ${why}.`, {
    code: LOAD_NOT_RUN,
    blame: 'environment',
    hint: 'See `muster worker` on their machines for why they left.',
  });
}
