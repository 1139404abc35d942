import betaQuantileOracle from '@stdlib/stats-base-dists-beta-quantile';
import { describe, expect, it } from 'vitest';
import { betaCdf, betaQuantile, logGamma } from './beta.ts';

const SHAPES = [0.25, 0.5, 1, 1.5, 2, 7.3, 20, 59, 299, 1006, 6300, 63_000];
const LEVELS = [0.001, 0.005, 0.025, 0.05, 0.3, 0.5, 0.8, 0.95, 0.975, 0.999];

describe('betaQuantile', () => {
  it('agrees with @stdlib to 1e-9 of the value over a grid of shapes and levels', () => {
    const cases = SHAPES.flatMap((a) => SHAPES.flatMap((b) => LEVELS.map((p) => ({ a, b, p }))));
    const wrong = cases.filter(({ a, b, p }) => {
      const oracle = betaQuantileOracle(p, a, b);
      return !(Math.abs(betaQuantile(p, a, b) - oracle) <= 1e-9 * Math.max(oracle, 1e-3));
    });
    expect(wrong).toEqual([]);
  });

  it('is the inverse of the distribution function where the oracle cannot be asked: a million trials', () => {
    for (const p of LEVELS) expect(betaCdf(betaQuantile(p, 957_000, 43_001), 957_000, 43_001)).toBeCloseTo(p, 8);
  });

  it('has closed forms at b = 1 and a = 1', () => {
    expect(betaQuantile(0.05, 59, 1)).toBeCloseTo(0.05 ** (1 / 59), 13);
    expect(betaQuantile(0.95, 1, 300)).toBeCloseTo(1 - 0.05 ** (1 / 300), 13);
  });

  it('ends at 0 and 1', () => {
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3), betaCdf(-1, 2, 3), betaCdf(2, 2, 3)]).toEqual([0, 1, 0, 1]);
  });

  it('reports figures it cannot work with instead of a number', () => {
    expect(() => betaCdf(0.5, Number.NaN, 1)).toThrow('did not converge for x = 0.5, a = 1, b = NaN');
  });
});

describe('logGamma', () => {
  it.each([
    [0.01, 4.599479878042022],
    [0.25, 1.288_022_524_698_077_4],
    [0.5, Math.log(Math.PI) / 2],
    [1, 0],
    [5, Math.log(24)],
    [101, 363.739_375_555_563_5],
  ])('of %s is %s', (x, value) => {
    expect(logGamma(x)).toBeCloseTo(value, 12);
  });
});
