import type { Observation } from '../../harness/index.ts';

/** Nobody who asks beside a load waits longer. */
export const PATIENCE_MS = 10_000;

/** One thing that a companion asked for. */
export interface Asked {
  /** When it was asked for, on CLOCK_MONOTONIC. */
  readonly atMs: number;
  /** Until what was meant came; null: it did not come, or something else did. */
  readonly ms: number | null;
}

/** Two times of CLOCK_MONOTONIC. */
export type Span = readonly [fromMs: number, untilMs: number];

/** What was asked between two times. */
export function askedWithin<T extends Pick<Asked, 'atMs'>>(asked: readonly T[], [fromMs, untilMs]: Span): readonly T[] {
  return asked.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
}

/**
 * Times for a quantile. What did not come, and what was not meant, is in it with the longest that anybody waits: whoever got it has nothing,
 * and a target must not look faster for what it does not do.
 */
export function timesOf(q: number, asked: readonly Asked[]): Observation & { readonly kind: 'quantile' } {
  const seen = asked.map(({ atMs, ms }) => ({ atMs, ms: ms ?? PATIENCE_MS }));
  return { kind: 'quantile', q, unit: 'ms', ...bySecond(seen) };
}

const WINDOW_MS = 1_000;

/** Times by the second they began in, in the order of time, for the statistics and to tell which of them the machine disturbed. */
function bySecond(seen: readonly { readonly atMs: number; readonly ms: number }[]): {
  readonly windows: number[][];
  readonly windowTimes: [number, number][];
} {
  const start = Math.min(...seen.map(({ atMs }) => atMs));
  const seconds = new Map<number, number[]>();
  for (const { atMs, ms } of seen) {
    const second = Math.floor((atMs - start) / WINDOW_MS);
    seconds.set(second, [...(seconds.get(second) ?? []), ms]);
  }
  const inOrder = [...seconds].toSorted(([one], [other]) => one - other);
  return {
    windows: inOrder.map(([, times]) => times),
    windowTimes: inOrder.map(([second]) => [start + second * WINDOW_MS, start + (second + 1) * WINDOW_MS]),
  };
}
