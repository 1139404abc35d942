import { describe, expect, it } from 'vitest';
import { exceedanceDesignEffect, quantileEstimate } from './order.ts';
import { proportionLowerBound, proportionUpperBound } from './proportion.ts';

function upTo(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

/** In logarithms: the first terms are too small for a number. */
function binomialCdf(k: number, n: number, p: number): number {
  let logTerm = n * Math.log(1 - p);
  let sum = Math.exp(logTerm);
  for (let i = 0; i < k; i += 1) {
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
    sum += Math.exp(logTerm);
  }
  return sum;
}

describe('quantileEstimate', () => {
  it.each([
    [0.5, 5],
    [0.9, 29],
    [0.95, 59],
    [0.99, 299],
    [0.999, 2995],
  ])('has no upper bound for the %s quantile below %s samples', (q, n) => {
    expect(quantileEstimate(upTo(n - 1), q, 0.95).high).toBeNull();
    expect(quantileEstimate(upTo(n), q, 0.95).high).toBe(n);
  });

  it('mirrors: no lower bound for the 5 % quantile below 59 samples', () => {
    expect(quantileEstimate(upTo(58), 0.05, 0.95).low).toBeNull();
    expect(quantileEstimate(upTo(59), 0.05, 0.95).low).toBe(1);
  });

  it.each([
    [100, 0.95],
    [500, 0.95],
    [500, 0.5],
    [700, 0.99],
  ])('takes the tightest ranks the binomial distribution allows: %s samples, quantile %s', (n, q) => {
    const { low, high } = quantileEstimate(upTo(n), q, 0.95);
    // X(r) is above the quantile unless r or more samples fall below it: P = 1 − BinCdf(r − 1).
    const miss = (rank: number): number => 1 - binomialCdf(rank - 1, n, q);
    expect(miss(high ?? 0)).toBeLessThanOrEqual(0.05);
    expect(miss((high ?? 0) - 1)).toBeGreaterThan(0.05);
    expect(binomialCdf((low ?? 0) - 1, n, q)).toBeLessThanOrEqual(0.05);
    expect(binomialCdf(low ?? 0, n, q)).toBeGreaterThan(0.05);
  });

  it.each([
    [100, 0.95, 95],
    [100, 0.07, 7],
    [101, 0.95, 96],
    [1, 0.5, 1],
    [3, 0.001, 1],
    [1995, 0.999, 1994],
  ])('of %s samples, the %s quantile is sample %s', (n, q, rank) => {
    expect(quantileEstimate(upTo(n), q, 0.95).value).toBe(rank);
  });

  it.each([1, 2.5, 4])('is the Clopper-Pearson bound on its ranks, also at a design effect of %s', (deff) => {
    const n = 1000;
    const { low, high } = quantileEstimate(upTo(n), 0.95, 0.95, deff);
    const notAbove = (rank: number): number => proportionLowerBound({ successes: rank, trials: n }, 0.95, deff);
    const below = (rank: number): number => proportionUpperBound({ successes: rank - 1, trials: n }, 0.95, deff);
    expect(high).toBe(upTo(n).find((rank) => notAbove(rank) >= 0.95));
    expect(low).toBe(upTo(n).findLast((rank) => below(rank) <= 0.95));
  });

  it('widens with the design effect, until no bound is left', () => {
    const samples = upTo(1000);
    const plain = quantileEstimate(samples, 0.95, 0.95);
    const wide = quantileEstimate(samples, 0.95, 0.95, 4);
    expect(wide.value).toBe(plain.value);
    expect(wide.high ?? 0).toBeGreaterThan(plain.high ?? 0);
    expect(wide.low ?? 0).toBeLessThan(plain.low ?? 0);
    expect(quantileEstimate(samples, 0.95, 0.95, 20).high).toBeNull();
  });
});

describe('exceedanceDesignEffect', () => {
  const burst = (slow: number): readonly (readonly number[])[] =>
    Array.from({ length: 20 }, (_, i) => Array.from({ length: 100 }, () => (i === 3 ? slow : 100)));

  it('sees slow samples that come in one burst', () => {
    expect(exceedanceDesignEffect(burst(5000), 100)).toBeCloseTo(105.263, 3);
  });

  it('sees a burst that fills only half of its window', () => {
    const windows = burst(5000).map((window) => window.map((sample, i) => (i < 50 ? sample : 100)));
    // 50 of 2000 in one window: (47.5² + 19 · 2.5²) / (2000 · 0.025 · 0.975) · 20/19
    expect(exceedanceDesignEffect(windows, 100)).toBeCloseTo(51.282, 3);
  });

  it('sees the burst when the quantile itself lies in its ties', () => {
    expect(exceedanceDesignEffect(burst(5000), 5000)).toBeCloseTo(105.263, 3);
  });

  it('is 1 when all samples are equal', () => {
    expect(exceedanceDesignEffect(burst(100), 100)).toBe(1);
  });

  it('is 1 when the slow ones are spread evenly', () => {
    const windows = Array.from({ length: 20 }, () => Array.from({ length: 100 }, (_, i) => i));
    expect(exceedanceDesignEffect(windows, 94)).toBe(1);
  });

  it('says nothing about fewer than 20 windows that hold samples', () => {
    expect(exceedanceDesignEffect([...burst(5000).slice(0, 19), [], []], 100)).toBeNull();
  });
});
