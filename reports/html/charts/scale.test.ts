import { describe, expect, it } from 'vitest';
import { decimate, linear, logarithmic, roundedUp } from './scale.ts';

describe('linear', () => {
  it('maps the domain onto the range and puts ticks on round numbers inside it', () => {
    const scale = linear({ domain: [12, 97], range: [0, 850], tickCount: 8 });
    expect([scale.at(12), scale.at(97), scale.at(54.5)]).toEqual([0, 850, 425]);
    expect(scale.ticks).toEqual([20, 40, 60, 80]);
  });

  it('has a domain of its own when all values are equal', () => {
    expect(linear({ domain: [5, 5], range: [0, 10], tickCount: 2 }).at(5)).toBe(0);
  });

  it('has ticks without rounding noise', () => {
    expect(linear({ domain: [0, 0.5], range: [0, 1], tickCount: 5 }).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });
});

describe('logarithmic', () => {
  it('gives every tenfold the same room', () => {
    const scale = logarithmic({ domain: [1, 1000], range: [300, 0], tickCount: 12 });
    expect([1, 10, 100, 1000].map((value) => Math.round(scale.at(value)))).toEqual([300, 200, 100, 0]);
    expect(scale.ticks).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
  });

  it('keeps to powers of ten when there would be too many ticks, and puts zero at its start', () => {
    const scale = logarithmic({ domain: [0.01, 100_000], range: [0, 700], tickCount: 9 });
    expect(scale.ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000]);
    expect(scale.at(0)).toBe(0);
  });
});

describe('roundedUp', () => {
  it('ends an axis on a tick at or above the maximum', () => {
    expect([roundedUp(97, 5), roundedUp(100, 5), roundedUp(0, 5), roundedUp(0.37, 4)]).toEqual([100, 100, 1, 0.4]);
  });
});

describe('decimate', () => {
  it('keeps every peak, the first and the last point, in order, in at most four points per bucket', () => {
    const points = Array.from({ length: 10_000 }, (_, x) => [x, x === 6543 ? 999 : x === 1234 ? -5 : 10] as const);
    const kept = decimate(points, 100);
    expect(kept.length).toBeLessThanOrEqual(400);
    expect(kept).toContainEqual([6543, 999]);
    expect(kept).toContainEqual([1234, -5]);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).toSorted((a, b) => a - b));
  });

  it('leaves short series alone', () => {
    const points = [[0, 1] as const, [1, 2] as const];
    expect(decimate(points, 100)).toEqual(points);
  });
});
