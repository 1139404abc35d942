import { describe, expect, it } from 'vitest';
import { toBatches } from './batches.ts';

describe('toBatches', () => {
  it('says nothing about fewer than 20 windows', () => {
    expect(toBatches([])).toBeUndefined();
    expect(toBatches(Array.from({ length: 19 }))).toBeUndefined();
  });

  it.each([20, 21, 39, 40, 59, 60, 100, 6300])('joins %s windows to 20 to 39 batches without losing or moving any', (n) => {
    const windows = Array.from({ length: n }, (_, i) => i);
    const batches = toBatches(windows) ?? [];
    expect(batches.flat()).toEqual(windows);
    expect(batches.length).toBeGreaterThanOrEqual(20);
    expect(batches.length).toBeLessThan(40);
    const size = batches[0]?.length ?? 0;
    expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
    expect(batches.at(-1)?.length).toBeGreaterThanOrEqual(size);
  });
});
