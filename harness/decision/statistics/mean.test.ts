import { describe, expect, it } from 'vitest';
import { meanEstimate, seriesMeanEstimate } from './mean.ts';

describe('meanEstimate', () => {
  it('has the t-bounds of the textbook: 5 runs around 105', () => {
    const { value, low, high } = meanEstimate([100, 103, 105, 107, 110], 0.95);
    expect(value).toBe(105);
    // s² = 14.5, t(0.95, 4) = 2.131847
    expect(low).toBeCloseTo(105 - 2.131_847 * Math.sqrt(14.5 / 5), 5);
    expect(high).toBeCloseTo(105 + 2.131_847 * Math.sqrt(14.5 / 5), 5);
  });

  it('has bounds from two samples on', () => {
    expect(meanEstimate([4, 6], 0.95).low).toBeCloseTo(5 - Math.tan(Math.PI * 0.45), 9);
  });

  it('has no bounds for a single sample', () => {
    expect(meanEstimate([7], 0.95)).toEqual({ value: 7, low: null, high: null, deff: 1 });
  });
});

describe('seriesMeanEstimate', () => {
  it('is the plain t-bound up to 39 windows', () => {
    const windows = Array.from({ length: 39 }, (_, i) => 100 + (i % 7));
    expect(seriesMeanEstimate(windows, 0.95)).toEqual(meanEstimate(windows, 0.95));
  });

  it('is wider when neighbouring windows resemble each other', () => {
    const drifting = Array.from({ length: 200 }, (_, i) => 100 + 10 * Math.sin(i / 20));
    const plain = meanEstimate(drifting, 0.95);
    const series = seriesMeanEstimate(drifting, 0.95);
    expect(series.value).toBe(plain.value);
    expect(series.deff).toBeGreaterThan(5);
    // From 20 batches of 10 windows: t(0.95, 19) = 1.729133
    const batchMeans = Array.from({ length: 20 }, (_, i) => drifting.slice(i * 10, i * 10 + 10).reduce((a, b) => a + b, 0) / 10);
    const spread = Math.sqrt(batchMeans.reduce((sum, mean) => sum + (mean - series.value) ** 2, 0) / 19 / 20);
    expect(series.low).toBeCloseTo(series.value - 1.729_133 * spread, 4);
  });

  it('is not narrower when windows make up for each other', () => {
    const alternating = Array.from({ length: 200 }, (_, i) => (i % 2 ? 90 : 110));
    const series = seriesMeanEstimate(alternating, 0.95);
    expect(series.deff).toBe(1);
    expect(series.high).toBeGreaterThan(meanEstimate(alternating, 0.95).high ?? Number.POSITIVE_INFINITY);
  });

  it.each([0.1, 0.3, 0.7, 1.1, 2.3, 7.7])('does not mistake rounding for dependence when all windows are %s', (value) => {
    expect(
      seriesMeanEstimate(
        Array.from({ length: 130 }, () => value),
        0.95,
      ).deff,
    ).toBe(1);
  });
});
