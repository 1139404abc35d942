import { monotonicMs } from '../model/clock.ts';

/** The time the load engine runs on. Passed in, so that tests own it. */
export interface LoadClock {
  /** Milliseconds on CLOCK_MONOTONIC. */
  nowMs(): number;
  /** Calls `callback` once, at `atMs` or later; the returned function cancels it. */
  at(atMs: number, callback: () => void): () => void;
}

/** `performance.now()` ticks on the same clock as `monotonicMs` and costs a quarter of it; the offset never changes. */
const OFFSET_MS = monotonicMs() - performance.now();

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
