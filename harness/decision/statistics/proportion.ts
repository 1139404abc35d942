import { betaQuantile } from './beta.ts';
import { toBatches } from './batches.ts';

export interface Tally {
  readonly successes: number;
  readonly trials: number;
}

/**
 * Clopper–Pearson bound: the true proportion is at least this with one-sided `confidence`.
 * @param deff divides successes and trials (≥ 1), so that dependent trials count for less.
 */
export function proportionLowerBound({ successes, trials }: Tally, confidence: number, deff = 1): number {
  if (successes <= 0) return 0;
  return betaQuantile(1 - confidence, successes / deff, (trials - successes) / deff + 1);
}

/** Clopper–Pearson bound: the true proportion is at most this with one-sided `confidence`. */
export function proportionUpperBound({ successes, trials }: Tally, confidence: number, deff = 1): number {
  if (successes >= trials) return 1;
  return betaQuantile(confidence, successes / deff + 1, (trials - successes) / deff);
}

/** What zero bad events in `trials` still allow: 1 − α^(1/n), the Clopper–Pearson upper bound at zero. */
export function zeroCountUpperBound(trials: number, confidence: number): number {
  return -Math.expm1(Math.log(1 - confidence) / trials);
}

/**
 * Design effect: how much more the windows scatter than independent trials would (Pearson's statistic over its degrees of
 * freedom), never below 1. Empty windows say nothing and are left out; long series are joined to 20–39 batches, so that
 * bursts longer than a window still count. null when fewer than 20 windows remain: then nothing can be said.
 */
export function designEffect(windows: readonly Tally[]): number | null {
  const batches = toBatches(windows.filter((window) => window.trials > 0))?.map(total);
  if (batches === undefined) return null;
  const { successes, trials } = total(batches);
  const rate = successes / trials;
  const independentVariance = trials * rate * (1 - rate);
  if (independentVariance === 0) return 1;
  const scatter = batches.reduce((sum, batch) => sum + (batch.successes - batch.trials * rate) ** 2, 0);
  return Math.max(1, (scatter / independentVariance) * (batches.length / (batches.length - 1)));
}

function total(tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, { successes, trials }) => ({ successes: sum.successes + successes, trials: sum.trials + trials }), {
    successes: 0,
    trials: 0,
  });
}
