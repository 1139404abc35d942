import tQuantileOracle from '@stdlib/stats-base-dists-t-quantile';
import { describe, expect, it } from 'vitest';
import { tQuantile } from './student-t.ts';

describe('tQuantile', () => {
  it('agrees with @stdlib to 1e-9 of the value over a grid of levels and degrees of freedom', () => {
    const degrees = [1, 2, 3, 4, 5, 7.5, 19, 29, 100, 199, 1049, 10_000];
    const levels = [0.001, 0.005, 0.05, 0.2, 0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.999];
    const cases = degrees.flatMap((df) => levels.map((p) => ({ df, p })));
    const wrong = cases.filter(({ df, p }) => {
      const oracle = tQuantileOracle(p, df);
      return !(Math.abs(tQuantile(p, df) - oracle) <= 1e-9 * Math.max(1, Math.abs(oracle)));
    });
    expect(wrong).toEqual([]);
  });

  it('has the closed form of Cauchy at one degree of freedom', () => {
    expect(tQuantile(0.95, 1)).toBeCloseTo(Math.tan(Math.PI * 0.45), 10);
  });
});
