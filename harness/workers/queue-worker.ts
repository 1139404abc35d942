import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { orAborted, whyUnfinished } from './bounded.ts';
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
import { redisTimeMs } from './redis-clock.ts';
import { executeAll, openRedis, patientConnection, shownAddress } from './redis-link.ts';
import { sweepRun } from './queue-sweep.ts';

/** A share whose worker died is noticed by its silence; this is BullMQ's own, slower way of noticing, which must never run it again. */
const LOCK_MS = 10_000;
/** What is done at a worker's end, or at that of a run, may take so long. A queue that is gone answers nothing. */
const LEAVE_WITHIN_MS = 3_000;

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
 * A queue that goes away costs it its share, and is waited for.
 * @throws MusterError when the Redis cannot be used at the start.
 */
export async function serveQueue(options: QueueWorkerOptions): Promise<void> {
  const redis = await openRedis(options.redisUrl);
  const runner = createTaskRunner();
  const worker = new QueueWorker(options, redis, runner);
  try {
    await worker.serve();
  } finally {
    await whyUnfinished(worker.leave(), LEAVE_WITHIN_MS); // Otherwise what it said of itself expires.
    await runner[Symbol.asyncDispose]();
    redis.disconnect();
  }
}

interface Pulse {
  readonly runs: readonly string[];
  /** Whether the run that it has joined goes on. */
  readonly joinedIsOpen: boolean;
}

class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #redis: Redis;
  readonly #runner: TaskRunner;
  #presence: Presence;
  /** CLOCK_MONOTONIC of the last answer of the queue. */
  #answeredAtMs = monotonicMs();
  #silent = false;

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
    onEvent(`${this.#presence.name} is ready: waits for runs at ${shownAddress(redisUrl)}`);
    let served = '';
    while (!signal.aborted) {
      const run = (await this.#tryPulse())?.runs.find((open) => open !== served) ?? null;
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
    const nowMs = await redisTimeMs(this.#redis);
    await executeAll(this.#redis.pipeline().del(workerKey(id)).zrem(WORKERS, id).zremrangebyscore(WORKERS, '-inf', nowMs));
  }

  /** As `#pulse`; null while the queue does not answer, which is said once. */
  async #tryPulse(): Promise<Pulse | null> {
    const { signal, onEvent } = this.#options;
    try {
      const pulse = await orAborted(this.#pulse(), signal);
      if (this.#silent) onEvent('the queue answers again');
      this.#silent = false;
      this.#answeredAtMs = monotonicMs();
      return pulse;
    } catch (error) {
      if (!this.#silent && !signal.aborted) onEvent(`the queue does not answer: ${messageOf(error)}`);
      this.#silent = true;
      return null;
    }
  }

  /** Says that it is alive; resolves with what it must know of the runs. */
  async #pulse(): Promise<Pulse> {
    const { id, run } = this.#presence;
    // Read anew each time: the clock of a machine that runs for weeks is set now and then.
    const nowMs = await redisTimeMs(this.#redis);
    await executeAll(
      this.#redis
        .pipeline()
        .set(workerKey(id), JSON.stringify(this.#presence), 'PX', LIFE_MS)
        .zadd(WORKERS, nowMs + LIFE_MS, id)
        .pexpire(WORKERS, INDEX_TTL_MS),
    );
    const runs = await this.#redis.zrangebyscore(RUNS, nowMs, '+inf');
    return { runs, joinedIsOpen: run !== null && (await this.#isOpen(run)) };
  }

  async #isOpen(run: string): Promise<boolean> {
    return (await this.#redis.exists(runKeys(run).open)) === 1;
  }

  /** Joins a run until it is over, or this worker is, or the queue has been gone for so long that nobody counts on this worker. */
  async #serveRun(run: string): Promise<void> {
    const { signal, onEvent } = this.#options;
    const stop = new AbortController();
    using connection = patientConnection(this.#redis);
    const queue = this.#openQueue(connection.redis, run, AbortSignal.any([signal, stop.signal]));
    let reason = 'its run is over';
    try {
      const why = await whyUnfinished(orAborted(queue.waitUntilReady(), signal), LEAVE_WITHIN_MS);
      if (why !== null) return onEvent(`could not join run ${run}: ${why}`);
      this.#presence = { ...this.#presence, run };
      onEvent(`joined run ${run}`);
      reason = await this.#untilOver();
    } finally {
      stop.abort(reason);
      this.#presence = { ...this.#presence, run: null };
      await whyUnfinished(queue.close(), LEAVE_WITHIN_MS);
      await whyUnfinished(this.#sweep(run), LEAVE_WITHIN_MS); // Otherwise the run's keys expire.
      onEvent(`left run ${run}`);
    }
  }
  /** Why the run that it has joined is over for this worker. */
  async #untilOver(): Promise<string> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const pulse = await this.#tryPulse();
      if (pulse?.joinedIsOpen === false) break;
      if (monotonicMs() - this.#answeredAtMs > LIFE_MS) return 'its queue has not answered any more';
      await pause(signal);
    }
    return 'its run is over';
  }

  async #sweep(run: string): Promise<void> {
    if (!(await this.#isOpen(run))) await sweepRun(this.#redis, run);
  }

  #openQueue(connection: Redis, run: string, signal: AbortSignal): Worker<QueuedShare> {
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
        connection,
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
    let said = '';
    queue.on('error', (error) => {
      const text = `the queue says: ${messageOf(error)}`;
      if (!signal.aborted && text !== said) onEvent(text);
      said = text;
    });
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
