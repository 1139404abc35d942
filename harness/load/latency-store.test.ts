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

describe('a merged LatencyStore', () => {
  const of = (values: readonly number[], capacity: number) => {
    const store = new LatencyStore(capacity);
    for (const ms of values) store.add(ms);
    return store;
  };

  it('has every sample of those it was merged from, while all are kept', () => {
    const merged = of([3.5, 1], 10);
    merged.absorb(of([2, 0.25], 10).encode());
    expect(merged.values()).toEqual([3.5, 1, 2, 0.25]);
    expect(merged.compressed).toBe(false);
    expect(merged.quantiles()).toEqual({ p50: 1, p95: 3.5, p99: 3.5, max: 3.5 });
  });

  it.each([
    { title: 'one of them is compressed', own: [1, 2], ownCapacity: 10, other: of([3, 4], 0) },
    { title: 'the other is', own: [1, 2], ownCapacity: 0, other: of([3, 4], 10) },
    { title: 'together they are too many', own: [1, 2], ownCapacity: 3, other: of([3, 4], 10) },
  ])('is compressed when $title', ({ own, ownCapacity, other }) => {
    const merged = of(own, ownCapacity);
    merged.absorb(other.encode());
    expect(merged.compressed).toBe(true);
    expect(merged.count).toBe(4);
    expect(merged.values(4).map((ms) => Math.round(ms))).toEqual([1, 2, 3, 4]);
    expect(merged.quantiles()?.max).toBe(4);
  });

  it('gives evenly spaced order statistics of what it has when fewer are asked for', () => {
    expect(of([5, 1, 4, 2, 3, 6], 10).values(3)).toEqual([2, 4, 6]);
    expect(of([], 10).values(3)).toEqual([]);
    expect(of([], 10).quantiles()).toBeNull();
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
