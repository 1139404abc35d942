import { OUTCOMES, type Outcome } from '../model/outcome.ts';
import type { CapacityRules } from './capacity-step.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import { emptyOutcomes } from './tally.ts';
import type { LoadResult, LoadWindow } from './types.ts';

export const OVERLOAD = 1.5;
export const RELIEF = 0.7;

/** What a target does beyond its capacity, and whether it comes back. */
export interface Overload {
  readonly perSecond: number;
  /** What this is 150 % of: the capacity, or less of it when no generator here can go beyond. */
  readonly basePerSecond: number;
  readonly isBeyondCapacity: boolean;
  /**
   * Successes within the limit per second, and as a share of the base: a target that sheds keeps near 1; one that collapses, or answers
   * everybody too late, does not.
   */
  readonly goodputPerSecond: number;
  readonly goodputShare: number;
  readonly successShare: number;
  /** At the quantile of the rules. */
  readonly latencyMs: number | null;
  readonly trials: number;
  /** Of what was sent of them. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

export interface Recovery {
  readonly perSecond: number;
  /** From the end of the overload until latency and success were kept again for good; null: they were not. */
  readonly recoveredMs: number | null;
  readonly observedMs: number;
}

interface Stretches {
  readonly rules: CapacityRules;
  readonly basePerSecond: number;
  readonly isBeyondCapacity: boolean;
  /** The first so many milliseconds of the load were the overload, the rest the recovery: a whole number of windows each. */
  readonly overloadMs: number;
}

/** Pure. The load's `goodWithinMs` is the limit of the rules. */
export function overloadOf(
  result: LoadResult,
  { rules, basePerSecond, isBeyondCapacity, overloadMs }: Stretches,
): { readonly overload: Overload; readonly recovery: Recovery } {
  const during = result.windows.filter(({ startMs, lengthMs }) => startMs + lengthMs <= overloadMs + 1);
  const after = result.windows.filter(({ startMs }) => startMs >= overloadMs - 1);
  const goodput = (sum(during.map(({ inTime }) => inTime)) * 1000) / Math.max(1, sum(during.map(({ lengthMs }) => lengthMs)));
  const endMs = Math.max(overloadMs, ...after.map(({ startMs, lengthMs }) => startMs + lengthMs));
  const lastBad = after.findLastIndex((window) => !isKept(window, rules));
  const bad = after[lastBad];
  const recoveredMs = bad === undefined ? 0 : bad.startMs + bad.lengthMs - overloadMs;
  return {
    overload: {
      perSecond: OVERLOAD * basePerSecond,
      basePerSecond,
      isBeyondCapacity,
      goodputPerSecond: goodput,
      goodputShare: goodput / basePerSecond,
      successShare: ratio(during),
      latencyMs: quantileOf(sortedCopy(during.flatMap(({ latenciesMs }) => [...latenciesMs])), rules.q),
      trials: sum(during.map(({ trials }) => trials)),
      outcomes: outcomesOf(during),
    },
    recovery: {
      perSecond: RELIEF * basePerSecond,
      recoveredMs: lastBad === after.length - 1 ? null : recoveredMs,
      observedMs: endMs - overloadMs,
    },
  };
}

function isKept(window: LoadWindow, { limitMs, minSuccess }: CapacityRules): boolean {
  if (window.trials === 0) return true;
  const median = quantileOf(sortedCopy(window.latenciesMs), 0.5);
  return median !== null && median <= limitMs && window.successes / window.trials >= minSuccess;
}

function ratio(windows: readonly LoadWindow[]): number {
  const trials = sum(windows.map((window) => window.trials));
  return trials === 0 ? 0 : sum(windows.map(({ successes }) => successes)) / trials;
}

function outcomesOf(windows: readonly LoadWindow[]): Readonly<Record<Outcome, number>> {
  const sums = emptyOutcomes();
  for (const { byOutcome } of windows) for (const outcome of OUTCOMES) sums[outcome] += byOutcome[outcome];
  return sums;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
