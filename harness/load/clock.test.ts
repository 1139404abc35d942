import { expect, it } from 'vitest';
import { bestOffsetMs } from './clock.ts';

it('takes the offset of the reading that was least interrupted', () => {
  const readings = [
    [0, 1009, 10],
    [20, 1020.5, 21],
    [30, 1030, 35],
  ] as const;
  expect(bestOffsetMs(readings)).toBe(1000);
});
