import { betaCdf } from './beta.ts';
import { designEffect } from './proportion.ts';

export interface QuantileEstimate {
  readonly value: number;
  /** One-sided bounds; null when so few samples give none. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The empirical quantile and its distribution-free bounds: order statistics whose rank is beyond the quantile with
 * `confidence`. F(X₍ᵣ₎) ~ Beta(r, n − r + 1), so the bound at X₍ᵣ₎ is Clopper–Pearson on "r of n are not above it".
 * @param sorted ascending, not empty.
 * @param deff divides ranks and samples, as for proportions.
 */
export function quantileEstimate(sorted: ArrayLike<number>, q: number, confidence: number, deff = 1): QuantileEstimate {
  const n = sorted.length;
  const alpha = 1 - confidence;
  // Both conditions are monotone in the rank: once true upwards (high), true downwards (low).
  const isAbove = (rank: number): boolean => betaCdf(q, rank / deff, (n - rank) / deff + 1) <= alpha;
  const isBelow = (rank: number): boolean => betaCdf(q, (rank - 1) / deff + 1, (n - rank + 1) / deff) >= confidence;
  const highRank = firstRank(n, isAbove);
  const lowRank = firstRank(n, (rank) => !isBelow(rank)) - 1;
  return { value: sorted[rankOf(n, q) - 1] ?? Number.NaN, low: sorted[lowRank - 1] ?? null, high: sorted[highRank - 1] ?? null };
}

/**
 * The upper bound with bursts taken into account where they are: the smallest order statistic of which the test "at most
 * a share 1 − q lies above it" is passed, with the design effect of the samples above *that* value, and passed for every
 * larger one looked at. Slow samples that come together far below a limit say nothing about the limit; those beyond it do.
 * null when even the largest sample is no bound.
 * @param deffAbove design effect of the share of samples above a value.
 */
export function quantileUpperBound(
  sorted: ArrayLike<number>,
  test: { readonly q: number; readonly confidence: number },
  deffAbove: (limit: number) => number,
): number | null {
  const n = sorted.length;
  let bound: number | null = null;
  for (const above of countsUpTo(n - rankOf(n, test.q))) {
    const limit = sorted[n - above - 1];
    if (limit === undefined) break;
    const deff = Math.max(1, deffAbove(limit));
    if (betaCdf(test.q, (n - above) / deff, above / deff + 1) > 1 - test.confidence) break;
    bound = limit;
  }
  return bound;
}

/** 0, 1, 2 … growing by a tenth, so that a million samples take some hundred looks. */
function countsUpTo(most: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 0; count <= most; count = Math.max(count + 1, Math.floor(count * 1.1))) counts.push(count);
  return counts;
}

/** Rank (from 1) of the empirical quantile; the tiny shift keeps 0.07 · 100 from becoming 8. */
function rankOf(n: number, q: number): number {
  return Math.min(n, Math.max(1, Math.ceil(n * q - 1e-9)));
}

/** The smallest rank in 1..n from which on `isTrue` (monotone) is true; n + 1 when there is none. */
function firstRank(n: number, isTrue: (rank: number) => boolean): number {
  let low = 1;
  let high = n + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Design effect of the share of samples above `limit`, per window. Where ties leave nothing above, the samples at it count
 * too. null with fewer than 20 windows that hold samples.
 */
export function exceedanceDesignEffect(windows: readonly (readonly number[])[], limit: number): number | null {
  const isExceeded = windows.some((window) => window.some((sample) => sample > limit));
  const isHigh = (sample: number): boolean => (isExceeded ? sample > limit : sample >= limit);
  return designEffect(windows.map((window) => ({ successes: window.filter(isHigh).length, trials: window.length })));
}
