import { describe, expect, it } from 'vitest';
import { growthOf, savingOf, savingOfSums, spreadOf } from './savings.ts';

describe('what was saved', () => {
  it('is counted against the baseline each time it was asked', () => {
    expect(savingOf({ served: [50, 0, 0, 0], baseline: 100 })).toBe(0.875);
    expect(savingOf({ served: [100, 100], baseline: 100 })).toBe(0);
    expect(savingOf({ served: [150], baseline: 100 })).toBe(-0.5);
  });

  it('of all together follows the large ones', () => {
    const pairs = [
      { served: [0], baseline: 10 },
      { served: [90], baseline: 90 },
    ];
    expect(savingOfSums(pairs)).toBeCloseTo(0.1, 12);
  });

  it('is nothing that could pass without a baseline', () => {
    expect(Number.isFinite(savingOf({ served: [1], baseline: 0 }))).toBe(false);
  });
});

describe('growth', () => {
  it('is that of the second half over the first, place by place', () => {
    expect(growthOf([100, 200, 110, 200])).toEqual([0.1, 0]);
    expect(growthOf([100, 7, 150])).toEqual([0.5]);
    expect(growthOf([100])).toEqual([]);
  });
});

it('the spread is a share of the mean', () => {
  expect(spreadOf([90, 100, 110])).toBeCloseTo(0.2, 12);
  expect(spreadOf([0, 0])).toBe(0);
});
