import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tally } from './proportion.ts';
import { designEffect, proportionLowerBound, proportionUpperBound, zeroCountUpperBound } from './proportion.ts';

describe('proportion bounds', () => {
  it.each([
    [1005, 1050, 94.54],
    [853, 1050, 79.14],
    [6029, 6300, 95.25],
    [5116, 6300, 80.38],
    [20, 20, 86.09],
    [453, 500, 88.17],
  ])('the lower bound of %s of %s is %s %%', (successes, trials, percent) => {
    expect(100 * proportionLowerBound({ successes, trials }, 0.95)).toBeCloseTo(percent, 2);
  });

  it('count fewer trials when they depend on each other: 6029 of 6300 at a design effect of 4', () => {
    expect(100 * proportionLowerBound({ successes: 6029, trials: 6300 }, 0.95, 4)).toBeCloseTo(94.76, 2);
    expect(proportionLowerBound({ successes: 80, trials: 100 }, 0.95, 2)).toBe(proportionLowerBound({ successes: 40, trials: 50 }, 0.95));
    expect(proportionUpperBound({ successes: 80, trials: 100 }, 0.95, 2)).toBe(proportionUpperBound({ successes: 40, trials: 50 }, 0.95));
  });

  it('mirror each other', () => {
    expect(proportionUpperBound({ successes: 45, trials: 1050 }, 0.95)).toBeCloseTo(
      1 - proportionLowerBound({ successes: 1005, trials: 1050 }, 0.95),
      12,
    );
  });

  it('end at 0 and 1', () => {
    expect(proportionLowerBound({ successes: 0, trials: 9 }, 0.95)).toBe(0);
    expect(proportionUpperBound({ successes: 9, trials: 9 }, 0.95)).toBe(1);
  });

  it('hold the true value as often as they promise: exact coverage over all outcomes of 40 trials at 90 %', () => {
    const trials = 40;
    const truth = 0.9;
    let covered = 0;
    let probability = truth ** trials;
    for (let failures = 0; failures <= trials; failures += 1) {
      if (proportionLowerBound({ successes: trials - failures, trials }, 0.95) <= truth) covered += probability;
      probability *= ((trials - failures) / (failures + 1)) * ((1 - truth) / truth);
    }
    expect(covered).toBeGreaterThanOrEqual(0.95);
    expect(covered).toBeLessThan(0.99);
  });
});

describe('zeroCountUpperBound', () => {
  it.each([
    [300, 0.0099],
    [59, 0.0495],
    [1, 0.95],
  ])('0 in %s still allows %s', (trials, bound) => {
    expect(zeroCountUpperBound(trials, 0.95)).toBeCloseTo(bound, 4);
    expect(zeroCountUpperBound(trials, 0.95)).toBeCloseTo(proportionUpperBound({ successes: 0, trials }, 0.95), 12);
  });
});

describe('designEffect', () => {
  const even = (windows: number): readonly Tally[] =>
    Array.from({ length: windows }, (_, i) => ({ successes: i % 2 ? 96 : 94, trials: 100 }));

  it('says nothing about fewer than 20 windows that hold trials', () => {
    const empty = Array.from({ length: 30 }, () => ({ successes: 0, trials: 0 }));
    expect(designEffect([])).toBeNull();
    expect(designEffect(even(19))).toBeNull();
    expect(designEffect([...even(19), ...empty])).toBeNull();
    expect(designEffect(even(20))).toBe(1);
  });

  it('is never below 1, however even the windows are', () => {
    expect(designEffect(Array.from({ length: 25 }, () => ({ successes: 95, trials: 100 })))).toBe(1);
  });

  it('is 1 when nothing or everything failed', () => {
    expect(designEffect(Array.from({ length: 25 }, () => ({ successes: 100, trials: 100 })))).toBe(1);
    expect(designEffect(Array.from({ length: 25 }, () => ({ successes: 0, trials: 100 })))).toBe(1);
  });

  it('is what Pearson says: all 100 failures of 2000 trials in one of 20 windows', () => {
    const windows = Array.from({ length: 20 }, (_, i) => ({ successes: i === 7 ? 0 : 100, trials: 100 }));
    // (95² + 19 · 5²) / (2000 · 0.95 · 0.05) · 20/19
    expect(designEffect(windows)).toBeCloseTo(105.263, 3);
  });

  it('is not diluted by empty windows', () => {
    const windows = Array.from({ length: 20 }, (_, i) => ({ successes: i < 2 ? 50 : 100, trials: 100 }));
    const empty = Array.from({ length: 15 }, () => ({ successes: 0, trials: 0 }));
    expect(designEffect([...windows, ...empty])).toBe(designEffect(windows));
  });

  it('sees bursts that are longer than its windows', () => {
    const short = Array.from({ length: 400 }, (_, i) => ({ successes: i >= 100 && i < 120 ? 0 : 1, trials: 1 }));
    expect(designEffect(short)).toBeGreaterThan(15);
  });

  it('stays near 1 for windows of one independent trial each', () => {
    const bit = fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? 0 : 1));
    fc.assert(
      fc.property(fc.array(bit, { minLength: 2000, maxLength: 2000 }), (bits) => {
        expect(designEffect(bits.map((successes) => ({ successes, trials: 1 })))).toBeLessThan(3);
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});
