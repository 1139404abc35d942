import type { SuiteRun } from '../../harness/index.ts';
import { lookUntil } from './until.ts';

/** Postgres writes the counters of an idle session out within ten seconds. */
export const COUNTER_LAG_MS = 10_500;
const STABLE_MS = 2_000;
const PATIENCE_MS = 16_000;

/** A counter that lags, read when everything that was counted before this moment must be in it: risen and at rest again, or late enough. */
export async function settledCounter(look: () => Promise<number>, before: number, { signal }: Pick<SuiteRun, 'signal'>): Promise<number> {
  const beganAtMs = performance.now();
  let last = { value: before, sinceMs: beganAtMs };
  const settled = (value: number): boolean => {
    const nowMs = performance.now();
    if (value !== last.value) last = { value, sinceMs: nowMs };
    const isAtRest = nowMs - last.sinceMs >= STABLE_MS;
    return isAtRest && (value > before || nowMs - beganAtMs >= COUNTER_LAG_MS);
  };
  return lookUntil(look, settled, { withinMs: PATIENCE_MS, signal });
}
