import { durationOf, mergeReports, StopRule, type LoadPlan, type LoadResult } from '../load/index.ts';
import { monotonicMs } from '../model/clock.ts';
import { fromErrorData } from '../model/error-data.ts';
import { MusterError } from '../model/errors.ts';
import { orAborted } from './bounded.ts';
import { liveTotal, type LiveTotal } from './live-total.ts';
import type { LoadTask } from './load-task.ts';
import type { LoadWorkers, OpenShares, Said } from './messages.ts';
import { pauseBetween, ShareState } from './share-state.ts';

/** From the moment all are ready to the first arrival: time for the word to reach every worker. */
const START_DELAY_MS = 250;
/** Opening sessions and calibration are bounded by themselves; this is the end of all patience. */
const READY_WITHIN_MS = 120_000;
/** An aborted load drains within 200 ms; what has not been handed over by then has the rest of this time. */
const ABORT_WITHIN_MS = 3_000;
/** For making the report, after the last request can have ended. */
const REPORT_WITHIN_MS = 30_000;
const TICK_MS = 250;

export const LOAD_NOT_RUN = 'MUSTER_LOAD_NOT_RUN';

export interface CoordinatedLoad {
  readonly plan: LoadPlan;
  /** What a task holds besides plan and shard. */
  readonly rest: Omit<LoadTask, 'plan' | 'shard' | 'startAtMs'>;
  readonly workers: LoadWorkers;
  readonly signal?: AbortSignal;
  /** Offset 0 on CLOCK_MONOTONIC, told as soon as all have agreed on it: a moment before. */
  readonly onStart?: (startAtMs: number) => void;
  /** A few times a second, with the figures of all workers together. */
  readonly onLive?: (live: LiveTotal) => void;
  /** How long a worker may be silent before its first beat and after its last arrival; 15 s when absent. */
  readonly silentAtEdgesMs?: number;
}

/**
 * Runs a load on its workers: hands out the shares, waits until all are ready, agrees on an instant, listens, merges. A worker that is lost
 * under way costs its share only, which the result names. One that is lost before the start costs the load: nothing has been sent yet, and
 * a load that is short from the beginning answers none of the questions it was planned for. No share is ever handed out again.
 * @throws MusterError MUSTER_LOAD_NOT_RUN when nothing was measured, with the reason; what a worker says is wrong with plan or target.
 */
export async function coordinate(load: CoordinatedLoad): Promise<LoadResult> {
  const run = new Coordination(load, await orAborted(load.workers.count(), load.signal));
  return run.execute();
}

interface Wait {
  readonly pending: (share: ShareState) => boolean;
  /** Before the start: one worker less, or an abort, ends it. */
  readonly stopAtFirstLoss: boolean;
  readonly withinMs: number;
}

class Coordination {
  readonly #load: CoordinatedLoad;
  readonly #shares: readonly ShareState[];
  readonly #rule: StopRule | null;
  #session: OpenShares | null = null;
  #startAtMs = 0;
  /** Why the load was ended by its own rule. */
  #stopped: string | null = null;
  #changed: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(load: CoordinatedLoad, of: number) {
    this.#load = load;
    this.#rule = load.plan.stopWhen === undefined ? null : new StopRule(load.plan.stopWhen, load.plan.warmupMs);
    this.#shares = Array.from({ length: of }, (_, index) => new ShareState({ index, of }, monotonicMs(), load.silentAtEdgesMs));
  }

  async execute(): Promise<LoadResult> {
    const { plan, rest } = this.#load;
    const tasks = this.#shares.map(({ shard }) => ({ ...rest, plan, shard }));
    this.#load.signal?.throwIfAborted();
    await using session = await this.#open(tasks);
    this.#session = session;
    await this.#wait({ pending: ({ over, stage }) => !over && stage !== 'ready', stopAtFirstLoss: true, withinMs: READY_WITHIN_MS });
    this.#requireAllReady();
    const startAtMs = monotonicMs() + START_DELAY_MS;
    this.#startAtMs = startAtMs;
    const endsAtMs = startAtMs + durationOf(plan.shape);
    for (const share of this.#shares) share.begins(startAtMs, endsAtMs);
    session.go(startAtMs);
    this.#load.onStart?.(startAtMs);
    const lastMs = endsAtMs + plan.timeoutMs + plan.drainMs + REPORT_WITHIN_MS - monotonicMs();
    await this.#wait({ pending: ({ over }) => !over, stopAtFirstLoss: false, withinMs: lastMs });
    return this.#merged();
  }

  /** Workers that take the shares only after the load was aborted have them taken back. */
  async #open(tasks: readonly LoadTask[]): Promise<OpenShares> {
    const { workers, signal } = this.#load;
    const opening = workers.open(tasks, (index, said) => this.#hear(index, said));
    try {
      return await orAborted(opening, signal);
    } catch (error) {
      opening.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined); // It is the abort that is told, or this very error.
      throw error;
    }
  }

  #hear(index: number, said: Said): void {
    const share = this.#shares[index];
    if (share === undefined) return;
    share.hear(said, monotonicMs());
    if (said.kind === 'beat' && said.snapshots.length > 0) this.#look(share);
    this.#changed();
  }

  /** The early stop is decided on what all workers have said. */
  #look(heard: ShareState): void {
    const live = liveTotal(this.#shares.flatMap((share) => share.live ?? []));
    if (live !== null) this.#load.onLive?.(live);
    if (heard.live === null || this.#rule === null || this.#stopped !== null) return;
    const { sinceMs, snapshot } = heard.live;
    this.#stopped = this.#rule.add(sinceMs, snapshot.elapsedMs, snapshot);
    if (this.#stopped !== null) this.#session?.abort();
  }

  /** Resolves when no share is pending any more. Loses the workers that are silent, and at the end of the time those that are pending. */
  async #wait({ pending, stopAtFirstLoss, withinMs }: Wait): Promise<void> {
    let lookedAtMs = monotonicMs();
    let limitMs = lookedAtMs + withinMs;
    const settled = (): boolean => {
      if (stopAtFirstLoss && (this.#load.signal?.aborted === true || this.#shares.some(({ over }) => over))) return true;
      return !this.#shares.some(pending);
    };
    const abort = (): void => {
      this.#session?.abort();
      limitMs = Math.min(limitMs, monotonicMs() + ABORT_WITHIN_MS);
      this.#changed();
    };
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const nowMs = monotonicMs();
        const pausedMs = pauseBetween(lookedAtMs, nowMs, TICK_MS);
        lookedAtMs = nowMs;
        limitMs += pausedMs;
        for (const share of this.#shares) share.tick(nowMs, pausedMs);
        if (nowMs > limitMs) for (const share of this.#shares.filter(pending)) share.lose('did not answer in time', nowMs);
        if (settled()) resolve();
      };
      this.#changed = look;
      this.#timer = setInterval(look, TICK_MS);
      this.#load.signal?.addEventListener('abort', abort, { once: true });
      if (this.#load.signal?.aborted === true) abort();
      look();
    });
    clearInterval(this.#timer);
    this.#changed = () => {};
    this.#load.signal?.removeEventListener('abort', abort);
  }

  #requireAllReady(): void {
    const failed = this.#shares.find(({ error }) => error !== null)?.error;
    if (failed) throw fromErrorData(failed);
    this.#load.signal?.throwIfAborted();
    const missing = this.#shares.filter(({ over }) => over);
    if (missing.length > 0) throw notRun(`${missing.length} of ${this.#shares.length} load workers did not get ready`, missing);
  }

  #merged(): LoadResult {
    const reports = this.#shares.flatMap(({ report }) => report ?? []);
    const fates = this.#shares.map((share) => share.fate());
    const options = { startedAtMs: this.#startAtMs, ...(this.#stopped !== null && { stopped: this.#stopped }) };
    if (reports.length > 0) return mergeReports(reports, fates, options);
    const failed = this.#shares.find(({ error }) => error !== null)?.error;
    if (failed) throw fromErrorData(failed);
    throw notRun(
      `${this.#shares.length === 1 ? 'the load worker was' : `all ${this.#shares.length} load workers were`} lost`,
      this.#shares,
    );
  }
}

function notRun(what: string, shares: readonly ShareState[]): MusterError {
  const why = shares.map((share) => share.fate()).map(({ worker, lost }) => `${worker} ${lost ?? ''}`);
  return new MusterError(`${what}: ${why.join('; ')}.`, {
    code: LOAD_NOT_RUN,
    blame: 'environment',
    hint: 'See what ended the workers (memory, signals), and run again.',
  });
}
