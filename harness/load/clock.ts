import { monotonicMs } from '../model/clock.ts';

/** The time the load engine runs on. Passed in, so that tests own it. */
export interface LoadClock {
  /** Milliseconds on CLOCK_MONOTONIC. */
  nowMs(): number;
  /** Calls `callback` once, at `atMs` or later; the returned function cancels it. */
  at(atMs: number, callback: () => void): () => void;
}

const READINGS = 5;

/** `performance.now()` ticks on the same clock as `monotonicMs` and costs a quarter of it; the offset never changes. */
const OFFSET_MS = bestOffsetMs(Array.from({ length: READINGS }, () => [performance.now(), monotonicMs(), performance.now()] as const));

/** Of the reading that was least interrupted: of what lies before and after it. */
export function bestOffsetMs(readings: readonly (readonly [beforeMs: number, monotonicMs: number, afterMs: number])[]): number {
  const [first = 0, monotonic = 0, last = 0] = readings.toSorted((a, b) => a[2] - a[0] - (b[2] - b[0]))[0] ?? [];
  return monotonic - (first + last) / 2;
}

export const systemClock: LoadClock = {
  nowMs: () => OFFSET_MS + performance.now(),
  at(atMs, callback) {
    const delayMs = atMs - this.nowMs();
    if (delayMs > 0) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    }
    // A timer waits a millisecond at least, which whoever is late has not got.
    const turn = setImmediate(callback);
    return () => clearImmediate(turn);
  },
};
