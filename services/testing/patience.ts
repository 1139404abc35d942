import { setTimeout as delay } from 'node:timers/promises';
import { nextLookMs } from './stack.ts';

/** What a healthy gateway does at once takes this long at most, even on a machine that does much else: only what goes wrong waits so long. */
const PATIENCE_MS = 15_000;
/** What the healthy one did within a moment, the planted defect has to have prevented for this long. */
const LEAST_MS = 1_000;
const TIMES = 4;

const state = { longestMs: 0, limitMs: Number.POSITIVE_INFINITY };

/** The healthy one is waited for in full. */
export function learnPatience(): void {
  state.longestMs = 0;
  state.limitMs = Number.POSITIVE_INFINITY;
}

/** From here on nothing is waited for much longer than the healthy one took on this machine. */
export function usePatience(): void {
  state.limitMs = Math.max(LEAST_MS, TIMES * state.longestMs);
}

/**
 * Whether it becomes true in time: for what a healthy gateway does much sooner.
 * @param leastMs for what is done from time to time: how long the healthy one takes is chance then.
 */
export async function comesTrue(holds: () => Promise<boolean>, withinMs = PATIENCE_MS, leastMs = 0): Promise<boolean> {
  const startedAtMs = performance.now();
  const held = await looks(holds, Math.min(withinMs, Math.max(leastMs, state.limitMs)));
  state.longestMs = Math.max(state.longestMs, performance.now() - startedAtMs);
  return held;
}

/** How long one watches for what must not show at all: a healthy one for a moment, a planted defect until it shows. */
export const watchedMs = (planted: readonly string[]): number => (planted.length === 0 ? 1_500 : 10_000);

/** Whether something shows that must not be there. */
export async function shows(holds: () => Promise<boolean>, planted: readonly string[]): Promise<boolean> {
  return looks(holds, watchedMs(planted));
}

async function looks(holds: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedAtMs;
  while (elapsedMs() < limitMs) {
    if (await holds()) return true;
    await delay(nextLookMs(elapsedMs()));
  }
  return false;
}
