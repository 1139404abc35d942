import { describe, expect, it } from 'vitest';
import { observerCost } from './observer-cost.ts';

const before = { atMs: 0, observerMs: 0, serverMs: 1_000, othersMs: 5_000 };
const after = (observerMs: number) => ({ atMs: 3_000, observerMs, serverMs: 1_300, othersMs: 5_700 });

describe('the cost of observing', () => {
  it('is stated as a share of what the target used meanwhile', () => {
    expect(observerCost(before, after(30)).saw).toBe(
      '30 ms of processor time: 3.0 % of what the target used, 10.0 % of the database server; no more than the 10 % that are fair',
    );
  });

  it('is said to be more than fair when it is more than a tenth', () => {
    expect(observerCost(before, after(150)).saw).toContain('15.0 % of what the target used, 50.0 % of the database server; more than');
  });

  it('is said to be unknown where no process is visible', () => {
    expect(observerCost(null, after(1)).saw).toContain('not measured');
  });
});
