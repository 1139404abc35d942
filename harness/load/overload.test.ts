import { expect, it } from 'vitest';
import { overloadOf } from './overload.ts';
import { loadResult } from './testing/load-result.ts';
import type { LoadWindow } from './types.ts';

const RULES = { limitMs: 100, q: 0.95, minSuccess: 0.99 };
const NONE = { ok: 0, degraded: 0, shed: 0, rejected: 0, unknown: 0, wrong: 0 };

/** A second with ten arrivals due in it. */
function second(startMs: number, changes: Partial<LoadWindow> = {}): LoadWindow {
  const good = { successes: 10, inTime: 10, late: 0, trials: 10, byOutcome: { ...NONE, ok: 10 }, achievedPerSecond: 10 };
  return { startMs, lengthMs: 1000, latenciesMs: Array.from({ length: 10 }, () => 20), ...good, ...changes };
}

const LATE = { latenciesMs: Array.from({ length: 10 }, () => 900) };
const from = { rules: RULES, basePerSecond: 8, isBeyondCapacity: true, overloadMs: 2000 };

it('counts what came in time, and of the overload alone', () => {
  const during = { ...LATE, successes: 8, inTime: 3, byOutcome: { ...NONE, ok: 8, unknown: 1 } };
  const windows = [second(0, during), second(1000, during), second(2000), second(3000)];
  const { overload } = overloadOf(loadResult({ windows }), from);
  expect(overload).toMatchObject({ perSecond: 12, goodputPerSecond: 3, goodputShare: 0.375, trials: 20 });
  expect(overload.outcomes).toMatchObject({ ok: 16, unknown: 2 });
});

it('has recovered after the last bad window, and not at all when that is the last', () => {
  const back = overloadOf(loadResult({ windows: [0, 1000, 2000, 3000].map((ms) => second(ms, ms < 3000 ? LATE : {})) }), from);
  expect(back.recovery).toMatchObject({ recoveredMs: 1000, observedMs: 2000 });
  const lost = overloadOf(loadResult({ windows: [0, 1000, 2000, 3000].map((ms) => second(ms, LATE)) }), from);
  expect(lost.recovery.recoveredMs).toBeNull();
});
