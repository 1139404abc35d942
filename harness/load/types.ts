import type { Calibration } from './calibrate.ts';
import type { Outcome } from '../model/outcome.ts';
import type { LoadClock } from './clock.ts';
import type { Schedule } from './pacer.ts';

/** One unit of work that is due. */
export interface Arrival {
  readonly index: number;
  /** Milliseconds from the start of the load to the moment it should be sent. */
  readonly dueMs: number;
  /** Virtual agent it belongs to, 0-based. */
  readonly agent: number;
}

export interface ActionResult {
  readonly outcome: Outcome;
  readonly bytes?: number;
}

/**
 * One unit of work. Resolves with what the target did, also when that is bad; a rejection means that the action
 * itself is broken and makes the measurement a harness fault. Stops soon after `signal` aborts.
 */
export type Action = (arrival: Arrival, signal: AbortSignal) => Promise<ActionResult>;

export interface LoadOptions {
  readonly schedule: Schedule;
  readonly action: Action;
  /** Arrivals due before this offset are sent but kept apart in `warmup`. */
  readonly warmupMs: number;
  /**
   * Most actions under way at once. Arrivals beyond it wait in order, and their waiting counts as latency; one that
   * has waited `timeoutMs` is dropped: never sent, recorded as a failed trial with the time it waited.
   */
  readonly maxInFlight: number;
  /** Time an action has from being sent; after it the action is aborted with outcome `unknown`. */
  readonly timeoutMs: number;
  /** Time after the last arrival for what is under way; what is left then is aborted and counted as unfinished. */
  readonly drainMs: number;
  /** Number of virtual agents the arrivals are dealt to in turn; 1 when absent. */
  readonly agents?: number;
  /** Outcomes that count as success; only `ok` when absent. */
  readonly successOutcomes?: readonly Outcome[];
  /** A success later than this, from due, is not in time; all are when absent. */
  readonly goodWithinMs?: number;
  /** The quantile `selfCheck` compares the send lateness with; 0.95 when absent. */
  readonly gatedQuantile?: number;
  /** Ends the load at once: nothing more is sent, what is under way is aborted and left out of the figures. */
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
  /** Called about every 500 ms, for progress. */
  readonly onWindow?: (live: LiveWindow) => void;
}

/** What happened since the previous call of `onWindow`. */
export interface LiveWindow {
  readonly elapsedMs: number;
  readonly sentPerSecond: number;
  readonly successes: number;
  readonly trials: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly p95Ms: number | null;
}

/** A stretch of the measured time. Latencies, successes and trials belong to the window their arrival was *due* in. */
export interface LoadWindow {
  /** Milliseconds from the start of the load. */
  readonly startMs: number;
  readonly lengthMs: number;
  /**
   * From due to settled, as 32-bit floats; time-outs, drops and unfinished ones are in it with the time they cost. Of more than 10⁶ in all
   * each window has the same share of its order statistics, from a histogram of 3 digits.
   */
  readonly latenciesMs: readonly number[];
  readonly successes: number;
  /** Those of the successes that came within the plan's `goodWithinMs`. */
  readonly inTime: number;
  readonly trials: number;
  /** Those of the trials that failed for want of time: timed out, dropped, cut off at the end of the drain, or turned away (429, 503). */
  readonly late: number;
  /** Of what was sent. */
  readonly byOutcome: Readonly<Record<Outcome, number>>;
  /** Successful answers that *arrived* in this window, per second. */
  readonly achievedPerSecond: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface SelfCheck {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** What the observations are made of; common to open and closed loops. */
export interface WindowedResult {
  /** CLOCK_MONOTONIC milliseconds of offset 0. */
  readonly startedAtMs: number;
  readonly byOutcome: Readonly<Record<Outcome, number>>;
  readonly windows: readonly LoadWindow[];
  readonly windowMs: number;
  /** Event-loop utilisation of the generating process while arrivals were due, 0..1; of several the busiest. */
  readonly elu: number;
  /** CPU the generating processes used over the run. */
  readonly cpuMs: number;
  /** The caller's signal ended it early. */
  readonly aborted: boolean;
  /** Actions that rejected: our own defect. At most five messages. */
  readonly crashes: { readonly count: number; readonly examples: readonly string[] };
}

/** Everything but `warmup` counts only arrivals due after the warm-up. */
export interface LoadResult extends WindowedResult {
  /** Why the load was ended before its schedule was, because it had failed already; its latencies and rates are of the part that ran. null: it was not. */
  readonly stopped: string | null;
  /** Arrivals that came due: sent + dropped + cancelled. */
  readonly scheduled: number;
  readonly sent: number;
  /** Never sent: no slot came free within `timeoutMs`, or before the end of the drain. */
  readonly dropped: number;
  /** Sent, but cut off at the end of the drain. */
  readonly unfinished: number;
  /** Under way or waiting when the load was ended early; settled in no other figure. */
  readonly cancelled: number;
  /** Arrivals that found all slots taken and had to wait. */
  readonly queued: number;
  /** Most under way at once; of several workers an upper bound, to within a window. */
  readonly peakInFlight: number;
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  /** Actions that ignored their signal, and operations that cannot be cut off, still running when the result was made. */
  readonly leaked: number;
  readonly bytes: number;
  /** Send to answer; null when nothing was answered. Not what users wait: for comparison with the latency only. */
  readonly serviceTimeMs: Quantiles | null;
  /** How late the pacer was, due to issued: our own delay, without waiting for a slot. */
  readonly latenessMs: Quantiles | null;
  readonly requestedPerSecond: number;
  /** Share of the arrivals that the pacer had issued when the schedule ended (plus 1 %). */
  readonly offeredShare: number;
  /** Successful answers per second of measured time. */
  readonly achievedPerSecond: number;
  readonly warmup: { readonly durationMs: number; readonly scheduled: number; readonly byOutcome: Readonly<Record<Outcome, number>> };
  readonly selfCheck: SelfCheck;
  /** By name of the operation, in the order of the mix; one entry when the mix has one. */
  readonly operations: readonly OperationFigures[];
  /** What the generator can do on this machine, measured against the built-in null server around the load; null: not measured. */
  readonly calibration: { readonly before: Calibration; readonly after: Calibration } | null;
  /** Who did which share. Not everything was measured when one of them is lost. */
  readonly shards: readonly ShardFate[];
}

/** One kind of operation within a load. */
export interface OperationFigures {
  readonly name: string;
  readonly scheduled: number;
  readonly byOutcome: Readonly<Record<Outcome, number>>;
  readonly latencyMs: Quantiles | null;
  /** As the windows of the whole. */
  readonly windows: readonly LoadWindow[];
}

/** One worker's share of a load. */
export interface ShardFate {
  readonly index: number;
  readonly of: number;
  /** Name of the worker: `local 4711`, `host-b 812`. */
  readonly worker: string;
  /** Why the share was not measured; null: it was. */
  readonly lost: string | null;
  /**
   * First send against the agreed instant, ms, on the worker's clock; null when it never began. Between machines that instant itself is
   * off by at most the errors with which both know the clock of the queue's Redis: 25 ms each, or there is no load.
   */
  readonly startErrorMs: number | null;
}
