import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';
import { quantileOf, sortedCopy } from './quantile.ts';

const QUANTILES = [0, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
/** From nothing to an hour. */
const samples = fc.array(fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 3_600_000, noNaN: true })), {
  minLength: 1,
  maxLength: 300,
});

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('Histogram', () => {
  it('gives the value of each rank to 0.05 % or half a microsecond', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const [histogram, sorted] = [of(values), sortedCopy(values)];
        for (const q of QUANTILES) {
          const exact = quantileOf(sorted, q) ?? Number.NaN;
          expect(Math.abs((histogram.quantile(q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(Math.max(0.000_501, exact * 0.0005));
        }
      }),
    );
  });

  it('has the bins of an HdrHistogram of 3 digits', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const other = build({
          bitBucketSize: 'packed',
          lowestDiscernibleValue: 1,
          highestTrackableValue: 2 ** 32,
          numberOfSignificantValueDigits: 3,
        });
        for (const value of values) other.recordValue(Math.round(value * 1000));
        const histogram = of(values);
        for (const q of QUANTILES.slice(1, -1)) {
          const theirs = other.getValueAtPercentile(q * 100);
          const ours = (histogram.quantile(q) ?? Number.NaN) * 1000;
          // Theirs is the highest value of the bin, ours its middle or the largest there was.
          expect(ours).toBeLessThanOrEqual(theirs + 0.5);
          expect(ours).toBeGreaterThanOrEqual(theirs - Math.max(0.5, theirs / 1024));
        }
      }),
    );
  });

  it('loses nothing when it is encoded, split and put together again', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 5 }), (values, parts) => {
        const merged = new Histogram();
        for (let part = 0; part < parts; part += 1) {
          const encoded = of(values.filter((_, index) => index % parts === part)).encode();
          merged.absorb(Histogram.decode(JSON.parse(JSON.stringify(encoded)) as typeof encoded));
        }
        expect(merged.encode()).toEqual(of(values).encode());
      }),
    );
  });

  it('gives order statistics evenly spaced in rank', () => {
    const histogram = of(Array.from({ length: 1000 }, (_, index) => index / 1000));
    expect(histogram.spread(4)).toEqual([0.124, 0.374, 0.624, 0.874]);
    expect(histogram.spread(0)).toEqual([]);
  });

  it('is empty before the first value and after it was cleared', () => {
    const histogram = of([5]);
    expect(histogram.quantile(0.5)).toBe(5);
    histogram.clear();
    for (const empty of [histogram, new Histogram()]) {
      expect(empty.quantile(0.5)).toBeNull();
      expect(empty.encode()).toEqual({ kind: 'histogram', count: 0, maxMs: 0, bins: '' });
    }
  });

  it('counts what is beyond its range at the end of it', () => {
    expect(of([1e9, 0]).quantile(0.4)).toBe(0);
    expect(of([1e9, 1e9]).quantile(0.4)).toBeCloseTo(4_294_000, -4);
  });
});
