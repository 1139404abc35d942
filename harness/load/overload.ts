import type { Outcome } from '../model/outcome.ts';
import type { CapacityRules } from './capacity-step.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import type { LoadResult, LoadWindow } from './types.ts';

export const OVERLOAD = 1.5;
export const RELIEF = 0.7;

/** What a target does beyond its capacity, and whether it comes back. */
export interface Overload {
  readonly perSecond: number;
  /** Successful answers per second, and as a share of the capacity: a target that sheds or queues keeps near 1, one that collapses does not. */
  readonly goodputPerSecond: number;
  readonly goodputShare: number;
  readonly successShare: number;
  /** At the quantile of the rules. */
  readonly latencyMs: number | null;
  /** Of overload and recovery together. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

export interface Recovery {
  readonly perSecond: number;
  /** From the end of the overload until latency and success were kept again for good; null: they were not. */
  readonly recoveredMs: number | null;
  readonly observedMs: number;
}

/** @param overloadMs the first so many milliseconds of the load were the overload, the rest the recovery. */
export function overloadOf(
  result: LoadResult,
  { rules, capacity, overloadMs }: { readonly rules: CapacityRules; readonly capacity: number; readonly overloadMs: number },
): { readonly overload: Overload; readonly recovery: Recovery } {
  const during = result.windows.filter(({ startMs, lengthMs }) => startMs + lengthMs <= overloadMs + 1);
  const after = result.windows.filter(({ startMs }) => startMs >= overloadMs - 1);
  const goodput = mean(during.map(({ achievedPerSecond }) => achievedPerSecond));
  const endMs = Math.max(overloadMs, ...after.map(({ startMs, lengthMs }) => startMs + lengthMs));
  const lastBad = after.findLastIndex((window) => !isKept(window, rules));
  const bad = after[lastBad];
  const recoveredMs = bad === undefined ? 0 : bad.startMs + bad.lengthMs - overloadMs;
  return {
    overload: {
      perSecond: OVERLOAD * capacity,
      goodputPerSecond: goodput,
      goodputShare: goodput / capacity,
      successShare: ratio(during),
      latencyMs: quantileOf(sortedCopy(during.flatMap(({ latenciesMs }) => [...latenciesMs])), rules.q),
      outcomes: result.byOutcome,
    },
    recovery: {
      perSecond: RELIEF * capacity,
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
  const trials = windows.reduce((sum, window) => sum + window.trials, 0);
  return trials === 0 ? 0 : windows.reduce((sum, window) => sum + window.successes, 0) / trials;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
