import { describe, expect, it } from 'vitest';
import { LatencyStore } from './latency-store.ts';
import { quantileOf, quantilesOf, sortedCopy } from './quantile.ts';
import { seededRandom } from './random.ts';

describe('LatencyStore', () => {
  it('keeps every sample as it came up to its capacity', () => {
    const store = new LatencyStore(3);
    for (const ms of [3, 1, 2]) store.add(ms);
    expect(store.values()).toEqual([3, 1, 2]);
    expect(store.count).toBe(3);
  });

  it('gives quantiles within 0.2 % from bounded memory beyond it', () => {
    const random = seededRandom(3);
    const samples = Array.from({ length: 50_000 }, () =>
      Math.exp(3 + 0.8 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
    );
    const store = new LatencyStore(5000);
    for (const ms of samples) store.add(ms);
    const kept = store.values();
    expect(kept).toHaveLength(5000);
    expect(store.count).toBe(50_000);
    for (const q of [0.5, 0.9, 0.95, 0.99]) {
      const exact = quantileOf(sortedCopy(samples), q) ?? Number.NaN;
      expect(Math.abs((quantileOf(sortedCopy(kept), q) ?? 0) / exact - 1)).toBeLessThan(0.002);
    }
  });
});

describe('quantileOf', () => {
  it.each([
    { n: 20, q: 0.95, rank: 19 },
    { n: 100, q: 0.99, rank: 99 },
    { n: 100, q: 0.995, rank: 100 },
    { n: 1, q: 0.5, rank: 1 },
    { n: 7, q: 0, rank: 1 },
    { n: 7, q: 1, rank: 7 },
    { n: 1000, q: 0.29, rank: 290 },
  ])('is the sample of rank $rank for q $q of $n', ({ n, q, rank }) => {
    expect(
      quantileOf(
        Array.from({ length: n }, (_, index) => index + 1),
        q,
      ),
    ).toBe(rank);
  });

  it('is null without samples', () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantilesOf([])).toBeNull();
  });
});
