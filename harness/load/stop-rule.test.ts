import { describe, expect, it } from 'vitest';
import { StopRule } from './stop-rule.ts';

const WHEN = { successBelow: 0.9, overMs: 2000 };

/** What the rule says after each second of `seconds`. */
function watch(seconds: readonly (readonly [successes: number, settled: number])[], warmupMs = 0): (string | null)[] {
  const rule = new StopRule(WHEN, warmupMs);
  return seconds.map(([successes, settled], index) => rule.add(index * 1000, (index + 1) * 1000, { successes, settled }));
}

describe('StopRule', () => {
  it('ends a load once its window has passed and the failure is proven', () => {
    expect(
      watch([
        [0, 100],
        [0, 100],
      ]),
    ).toEqual([null, '0 of 200 requests succeeded within 2 s, less than 90 %']);
  });

  it('says nothing while chance can explain it', () => {
    // 88 % of 400: Wilson's upper end at 99.9 % is 92 %.
    expect(watch(Array.from({ length: 10 }, () => [176, 200] as const))).toEqual(Array.from({ length: 10 }, () => null));
    expect(watch(Array.from({ length: 3 }, () => [1, 2] as const))).toEqual([null, null, null]);
  });

  it('forgets what is older than its window', () => {
    const [, , , recovered] = watch([
      [100, 100],
      [0, 100],
      [100, 100],
      [100, 100],
    ]);
    expect(recovered).toBeNull();
  });

  it('does not judge the warm-up', () => {
    expect(
      watch(
        [
          [0, 100],
          [0, 100],
          [0, 100],
          [0, 100],
        ],
        2000,
      ).map((reason) => reason === null),
    ).toEqual([true, true, true, false]);
  });

  it('says nothing when nothing was settled', () => {
    expect(
      watch([
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
    ).toEqual([null, null, null]);
  });
});
