import { groupBy } from './group.ts';
import type { Recorded } from './history.ts';

export interface Interval {
  readonly key: string;
  readonly invokedMs: number;
  readonly returnedMs: number;
}

/**
 * Pairs of acknowledged operations on one key that were under way at the same time: without them a history says nothing about
 * concurrency. O(n log n).
 */
export function overlappingPairs(intervals: readonly Interval[]): number {
  const byKey = groupBy(intervals, ({ key }) => key);
  return [...byKey.values()].reduce((sum, own) => sum + pairsWithin(own), 0);
}

/** Of all pairs those in which one was over before the other began do not overlap; each is counted at the later one. */
function pairsWithin(intervals: readonly Interval[]): number {
  const ends = intervals.map(({ returnedMs }) => returnedMs).toSorted((a, b) => a - b);
  let over = 0;
  let apart = 0;
  for (const start of intervals.map(({ invokedMs }) => invokedMs).toSorted((a, b) => a - b)) {
    while ((ends[over] ?? Number.POSITIVE_INFINITY) < start) over += 1;
    apart += over;
  }
  return (intervals.length * (intervals.length - 1)) / 2 - apart;
}

/** The acknowledged operations of a history as intervals by key. */
export function acknowledgedIntervals<A>(
  operations: readonly Recorded<A>[],
  keysOf: (action: A) => readonly string[],
): readonly Interval[] {
  return operations.flatMap(({ outcome, action, invokedMs, returnedMs }) =>
    outcome === 'ok' ? keysOf(action).map((key) => ({ key, invokedMs, returnedMs })) : [],
  );
}
