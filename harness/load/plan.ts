import type { Outcome } from '../model/outcome.ts';
import type { JsonTemplate } from '../model/target.ts';
import type { StopWhen } from './stop-rule.ts';

/** How the rate of an open-loop load goes over time. Rates are arrivals per second. */
export type Shape =
  | { readonly kind: 'constant'; readonly perSecond: number; readonly durationMs: number }
  /** From one rate to another in a straight line. */
  | { readonly kind: 'ramp'; readonly fromPerSecond: number; readonly toPerSecond: number; readonly durationMs: number }
  /** A base rate, and every `everyMs` for `burstMs` another one; the first burst begins after the first quiet stretch. */
  | {
      readonly kind: 'burst';
      readonly perSecond: number;
      readonly burstPerSecond: number;
      readonly everyMs: number;
      readonly burstMs: number;
      readonly durationMs: number;
    }
  /** One rate after the other, each for `holdMs`. */
  | { readonly kind: 'steps'; readonly perSecond: readonly number[]; readonly holdMs: number };

/** `even`: equal gaps. `poisson`: independent arrivals, as from many users who do not know of each other. */
export type Arrivals = 'even' | 'poisson';

/** A kind of work and its share of the arrivals. */
export interface MixEntry {
  /** Name of a row in the table of load operations. */
  readonly operation: string;
  /** Relative to the other entries; more than 0. */
  readonly weight: number;
  /** What this kind of operation can be told; each checks its own. */
  readonly options?: Readonly<Record<string, JsonTemplate>>;
}

/** A load as plain data: every worker process, on whichever machine, can run it or its share of it. */
export interface LoadPlan {
  /** `benchmark.steady`: the id that distributions, series and the report carry. */
  readonly id: string;
  readonly suite: string;
  /** In the reader's words: "execute at the declared rate". */
  readonly label: string;
  readonly shape: Shape;
  readonly arrivals: Arrivals;
  /** Decides Poisson gaps and the order of the mix. */
  readonly seed: number;
  /** Virtual agents: users with an identity and a session of their own; arrivals are dealt to them in turn. */
  readonly agents: number;
  readonly mix: readonly MixEntry[];
  /** Arrivals due before this offset are sent but kept apart. */
  readonly warmupMs: number;
  /** Over all workers together. */
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  /** Time after the end of the shape for what is under way; what is left then is cut off and counted as unfinished. */
  readonly drainMs: number;
  /** Only `ok` when absent. */
  readonly successOutcomes?: readonly Outcome[];
  /** A success later than this, from due, is not in time: see `LoadWindow.inTime`. All are in time when absent. */
  readonly goodWithinMs?: number;
  /** The quantile the self-check compares the send lateness with; 0.95 when absent. */
  readonly gatedQuantile?: number;
  /** Whether the generator is measured against the null server before and after, which takes about 2 s; true when absent. */
  readonly calibrate?: boolean;
  /** Ends the load once it is proven to have failed; runs to its end when absent. */
  readonly stopWhen?: StopWhen;
}

/** Worker `index` of `of` owns the arrivals k of the whole schedule with k mod `of` = `index`; so workers need not talk. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export const WHOLE: Shard = { index: 0, of: 1 };

export function durationOf(shape: Shape): number {
  return shape.kind === 'steps' ? shape.perSecond.length * shape.holdMs : shape.durationMs;
}
