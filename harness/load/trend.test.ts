import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import { growthOf } from './trend.ts';

const LINE = Array.from({ length: 20 }, (_, index) => [index * 50, 100 + index * 2] as const);

describe('growthOf', () => {
  it('is the slope of a line, and stays it with a stall in it', () => {
    expect(growthOf(LINE)).toBeCloseTo(0.04, 9);
    expect(growthOf(LINE.map(([x, y], index) => [x, index === 7 ? y + 900 : y]))).toBeCloseTo(0.04, 3);
  });

  it('is 0 for what stays, what falls, and what is too little', () => {
    expect(growthOf(LINE.map(([x]) => [x, 100]))).toBe(0);
    expect(growthOf(LINE.map(([x, y]) => [x, -y]))).toBe(0);
    expect(growthOf(LINE.slice(0, 4))).toBe(0);
  });

  it('is 0 for all but a few of many series of chance', () => {
    const random = seededRandom(3);
    const grown = Array.from({ length: 1000 }, () => growthOf(LINE.map(([x]) => [x, 100 + 50 * random()]))).filter((growth) => growth > 0);
    expect(grown.length).toBeLessThanOrEqual(5);
  });

  it('does not depend on the level', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), (level) => {
        expect(growthOf(LINE.map(([x, y]) => [x, y + level]))).toBeCloseTo(0.04, 9);
      }),
    );
  });
});
