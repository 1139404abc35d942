import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockLatencies, spreadOf } from './spread.ts';
import { loadResult } from './testing/load-result.ts';

describe('spreadOf', () => {
  it('gives median, ends and variation', () => {
    expect(spreadOf([14, 10, 12, 11, 13])).toEqual({ count: 5, median: 12, lowest: 10, highest: 14, variation: Math.sqrt(2.5) / 12 });
    expect(spreadOf([4, 1, 2, 3, 5, 6])?.median).toBe(3.5);
  });

  it('says nothing of fewer than five, and no variation around 0', () => {
    expect(spreadOf([1, 2, 3, 4])).toBeNull();
    expect(spreadOf([0, 0, 0, 0, 0])?.variation).toBeNull();
  });

  it('has the median between the ends, and grows with the values', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(values, (given) => {
        const spread = spreadOf(given);
        expect(spread?.median).toBeGreaterThanOrEqual(spread?.lowest ?? Number.NaN);
        expect(spread?.median).toBeLessThanOrEqual(spread?.highest ?? Number.NaN);
        expect(spreadOf(given.map((value) => value * 3))?.variation).toBeCloseTo(spread?.variation ?? Number.NaN, 6);
      }),
    );
  });
});

describe('blockLatencies', () => {
  it('gives the quantile of each block and leaves empty ones out', () => {
    const latencies = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => (value === 5 || value === 6 ? [] : [value, value + 0.5]));
    const windows = latencies.map((latenciesMs, index) => ({
      startMs: index * 100,
      lengthMs: 100,
      latenciesMs,
      successes: 1,
      inTime: 1,
      late: 0,
      byOutcome: { ok: 1, degraded: 0, shed: 0, rejected: 0, unknown: 0, wrong: 0 },
      trials: 1,
      achievedPerSecond: 1,
    }));
    expect(blockLatencies(loadResult({ windows }), 1)).toEqual([2.5, 4.5, 8.5, 10.5]);
  });
});
