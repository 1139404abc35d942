import { expect, it } from 'vitest';
import { RateLimit } from './rate.ts';

it('RateLimit counts per key and starts again with the next window', () => {
  const clock = { ms: 0 };
  const limit = new RateLimit(2, 100, () => clock.ms);
  expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([true, true, false, true]);
  clock.ms = 100;
  expect(limit.take('a')).toBe(true);
});
