import { tellingFault } from './generator-fault.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import { growthOf } from './trend.ts';
import type { LoadResult } from './types.ts';
import { latencyAt } from './windows.ts';

/** What a target must keep for a rate to count as sustained. */
export interface CapacityRules {
  /** For the latency at quantile `q`, from due. */
  readonly limitMs: number;
  readonly q: number;
  /** Share of successful answers, 0..1. */
  readonly minSuccess: number;
}

/** What one rate showed. */
export interface StepFigures {
  readonly perSecond: number;
  /** At the quantile of the rules; null: nothing ended. */
  readonly latencyMs: number | null;
  readonly successShare: number;
  /** Successful answers per second. Beyond the capacity of a target that keeps working this *is* its capacity. */
  readonly achievedPerSecond: number;
  /**
   * How much the latency grew per time while the rate stayed, ms per ms; 0 when that may be chance. Of a queue that cannot keep up it is the
   * share by which the arrivals exceed the capacity, and it shows long before the latency reaches a limit.
   */
  readonly growth: number;
  readonly generatorFault: string | null;
}

/** `unknown`: the generator was at fault, which says nothing about the target. */
export type StepVerdict = 'sustained' | 'beyond' | 'unknown';

/** Growth below this is a capacity missed by no more than the search can tell. */
const MAX_GROWTH = 0.02;

export function stepFigures(result: LoadResult, { limitMs, q }: CapacityRules): StepFigures {
  const trials = result.windows.reduce((sum, window) => sum + window.trials, 0);
  const successes = result.windows.reduce((sum, window) => sum + window.successes, 0);
  const medians = result.windows.flatMap(({ startMs, latenciesMs }) => {
    const median = quantileOf(sortedCopy(latenciesMs), 0.5);
    return median === null ? [] : [[startMs, median] as const];
  });
  return {
    perSecond: result.requestedPerSecond,
    latencyMs: latencyAt(result, q),
    successShare: trials === 0 ? 0 : successes / trials,
    achievedPerSecond: result.achievedPerSecond,
    growth: growthOf(medians),
    // Own delay that could turn a latency at its very limit shifts the rate by less than the search can tell.
    generatorFault: result.aborted ? 'The load was aborted.' : tellingFault(result, { limitMs }),
  };
}

export function verdictOf({ latencyMs, successShare, growth, generatorFault: fault }: StepFigures, rules: CapacityRules): StepVerdict {
  if (fault !== null) return 'unknown';
  const kept = latencyMs !== null && latencyMs <= rules.limitMs && successShare >= rules.minSuccess && growth <= MAX_GROWTH;
  return kept ? 'sustained' : 'beyond';
}
