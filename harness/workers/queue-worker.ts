import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { createTaskRunner } from './run-task.ts';
import type { TaskRunner } from './load-task.ts';
import {
  INDEX_TTL_MS,
  LIFE_MS,
  PULSE_MS,
  QUEUE_PREFIX,
  RUNS,
  runKeys,
  RUN_TTL_MS,
  workerKey,
  WORKERS,
  type Presence,
} from './queue-names.ts';
import { performQueuedShare, type QueuedShare, type QueueSaid } from './queue-share.ts';
import { append } from './queue-stream.ts';
import { readRedisClock } from './redis-clock.ts';
import { openRedis, shownAddress } from './redis-link.ts';
import { sweepRun } from './queue-sweep.ts';

/** A share whose worker died is noticed by its silence; this is BullMQ's own, slower way of noticing, which must never run it again. */
const LOCK_MS = 10_000;

export interface QueueWorkerOptions {
  readonly redisUrl: string;
  /** `host 812` when absent. */
  readonly name?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends after the first run that it has served. */
  readonly once?: boolean;
  /** Ends the worker; a share under way is given back as lost with the reason. */
  readonly signal: AbortSignal;
  /** What it does, in words for whoever started it. */
  readonly onEvent: (text: string) => void;
}

/**
 * A load worker on any machine: waits for runs that look for workers, joins one at a time, does its shares. Resolves when `signal` aborts.
 * @throws MusterError when the Redis cannot be used.
 */
export async function serveQueue(options: QueueWorkerOptions): Promise<void> {
  const redis = await openRedis(options.redisUrl);
  const runner = createTaskRunner();
  const worker = new QueueWorker(options, redis, runner);
  try {
    await worker.serve();
  } finally {
    await worker.leave();
    await runner[Symbol.asyncDispose]();
    redis.disconnect();
  }
}

class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #redis: Redis;
  readonly #runner: TaskRunner;
  #presence: Presence;
  #offsetMs = 0;

  constructor(options: QueueWorkerOptions, redis: Redis, runner: TaskRunner) {
    this.#options = options;
    this.#redis = redis;
    this.#runner = runner;
    const { pid } = process;
    const host = hostname();
    this.#presence = { id: randomUUID(), name: options.name ?? `${host} ${pid}`, host, pid, run: null };
  }

  async serve(): Promise<void> {
    const { signal, onEvent, once, redisUrl } = this.#options;
    this.#offsetMs = (await readRedisClock(this.#redis)).offsetMs;
    onEvent(`${this.#presence.name} is ready: waits for runs at ${shownAddress(redisUrl)}`);
    let served = '';
    while (!signal.aborted) {
      const run = (await this.#pulse()).find((open) => open !== served) ?? null;
      if (run === null) await pause(signal);
      else {
        await this.#serveRun(run);
        served = run;
        if (once === true) return;
      }
    }
  }

  /** Nobody looks for it any more. */
  async leave(): Promise<void> {
    const { id } = this.#presence;
    const nowMs = monotonicMs() + this.#offsetMs;
    await this.#redis.pipeline().del(workerKey(id)).zrem(WORKERS, id).zremrangebyscore(WORKERS, '-inf', nowMs).exec();
  }

  /** Says that it is alive; resolves with the runs that look for workers. */
  async #pulse(): Promise<readonly string[]> {
    const { id } = this.#presence;
    const nowMs = monotonicMs() + this.#offsetMs;
    await this.#redis
      .pipeline()
      .set(workerKey(id), JSON.stringify(this.#presence), 'PX', LIFE_MS)
      .zadd(WORKERS, nowMs + LIFE_MS, id)
      .pexpire(WORKERS, INDEX_TTL_MS)
      .exec();
    return this.#redis.zrangebyscore(RUNS, nowMs, '+inf');
  }

  /** Joins a run until it is over, or this worker is. */
  async #serveRun(run: string): Promise<void> {
    const { signal, onEvent } = this.#options;
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, stop.signal]);
    const queue = this.#openQueue(run, stopped);
    try {
      await queue.waitUntilReady();
      this.#presence = { ...this.#presence, run };
      onEvent(`joined run ${run}`);
      while (!signal.aborted) {
        await this.#pulse();
        if ((await this.#redis.exists(runKeys(run).open)) === 0) break;
        await pause(signal);
      }
    } finally {
      stop.abort('its run is over');
      await queue.close();
      this.#presence = { ...this.#presence, run: null };
      if ((await this.#redis.exists(runKeys(run).open)) === 0) await sweepRun(this.#redis, run);
      onEvent(`left run ${run}`);
    }
  }

  #openQueue(run: string, signal: AbortSignal): Worker<QueuedShare> {
    const { onEvent, env } = this.#options;
    const redis = this.#redis;
    const queue = new Worker<QueuedShare>(
      run,
      async ({ data: share }) => {
        const { plan, shard } = share.task;
        onEvent(`takes share ${shard.index + 1} of ${shard.of} of ${plan.id} (${plan.label})`);
        return performQueuedShare({ redis, run, share, worker: this.#presence.name, runner: this.#runner, env, signal });
      },
      {
        connection: redis,
        prefix: QUEUE_PREFIX,
        concurrency: 1,
        maxStalledCount: 0,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
      },
    );
    queue.on('completed', ({ data: { load, index, task } }) => {
      append(redis, runKeys(run).said, { load, index, said: { kind: 'done' } } satisfies QueueSaid, RUN_TTL_MS);
      onEvent(`has done share ${task.shard.index + 1} of ${task.shard.of} of ${task.plan.id}`);
    });
    queue.on('failed', (_job, error) => onEvent(`could not do its share: ${messageOf(error)}`));
    queue.on('error', (error) => onEvent(`the queue says: ${messageOf(error)}`));
    return queue;
  }
}

/** Until the next pulse, or the end. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, PULSE_MS);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
