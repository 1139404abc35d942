import { expect, it } from 'vitest';
import { tokenStats } from './stats.ts';

it('sums tokens over all types and says what was saved', () => {
  const stats = tokenStats([
    { type: 'a', used: 30, baseline: 100 },
    { type: 'b', used: 50, baseline: 100 },
    { type: 'c', used: 0, baseline: 0 },
  ]);
  expect(stats).toMatchObject({
    used: 80,
    baseline: 200,
    reduction_pct: 60,
    by_type: { a: { reduction_pct: 70 }, c: { reduction_pct: null } },
  });
});

it('says nothing of a share when nothing was executed', () => {
  expect(tokenStats([])).toEqual({ used: 0, baseline: 0, reduction_pct: null, by_type: {} });
});
