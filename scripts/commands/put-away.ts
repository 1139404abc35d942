import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../harness/model/clock.ts';
import { sweepDeadLedgers } from '../../harness/supervisor.ts';
import { forget, isAlive, type Keeper } from './keeper-file.ts';

const WATCHDOG_WITHIN_MS = 20_000;
/** There is no event for the end of a process that is not ours. */
const LOOK_AGAIN_MS = 50;

/**
 * Waits until nothing of a stack is left: its keeper's bookkeeping, or its watchdog's, comes to an end; what neither can do any more, a
 * sweep does. Returns what is left, in words.
 */
export async function putAway(keeper: Keeper, onSwept: (what: string) => void): Promise<readonly string[]> {
  const { ledgerPath } = keeper;
  const isGone = (): boolean => !isAlive(keeper) && (ledgerPath === null || !existsSync(ledgerPath));
  const endMs = monotonicMs() + WATCHDOG_WITHIN_MS;
  while (!isGone() && monotonicMs() < endMs) {
    for (const what of await sweepDeadLedgers()) onSwept(what);
    await delay(LOOK_AGAIN_MS);
  }
  if (!isAlive(keeper)) await forget(keeper);
  return isGone() ? [] : [`what ${ledgerPath ?? `process ${String(keeper.pid)}`} names`];
}

/** Whether it became so in time. */
export async function until(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = monotonicMs() + withinMs;
  while (!isSo()) {
    if (monotonicMs() > endMs) return false;
    await delay(LOOK_AGAIN_MS);
  }
  return true;
}

/** Signals the process that holds a stack. One that has ended meanwhile is none to be signalled, nor is another one with its number. */
export function signalKeeper(keeper: Pick<Keeper, 'pid' | 'startTime'>, signal: NodeJS.Signals): void {
  if (!isAlive(keeper)) return;
  try {
    process.kill(keeper.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @throws Error when the answer does not come in time. */
export async function within<T>(work: Promise<T>, withinMs: number): Promise<T> {
  const ended = new AbortController();
  const late = delay(withinMs, null, { signal: ended.signal }).then(() => {
    throw new Error(`no answer within ${String(withinMs)} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    late.catch(() => undefined); // the answer came first
  }
}
