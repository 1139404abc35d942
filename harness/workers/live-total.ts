import { Histogram, type ShardSnapshot } from '../load/index.ts';

/** What one worker did from `sinceMs` (offset within the load) to the end of the snapshot. */
export interface LiveShare {
  readonly sinceMs: number;
  readonly snapshot: ShardSnapshot;
}

/** What all workers together did in the last second that was heard of. */
export interface LiveTotal {
  /** How many of them are at it. */
  readonly workers: number;
  readonly elapsedMs: number;
  readonly sentPerSecond: number;
  readonly p95Ms: number | null;
}

/** null while nothing has been heard. */
export function liveTotal(shares: readonly LiveShare[]): LiveTotal | null {
  if (shares.length === 0) return null;
  const latency = new Histogram();
  for (const { snapshot } of shares) latency.absorb(Histogram.decode(snapshot.latency));
  return {
    workers: shares.length,
    elapsedMs: Math.max(...shares.map(({ snapshot }) => snapshot.elapsedMs)),
    sentPerSecond: shares.reduce(
      (sum, { sinceMs, snapshot }) => sum + (snapshot.sent * 1000) / Math.max(1, snapshot.elapsedMs - sinceMs),
      0,
    ),
    p95Ms: latency.quantile(0.95),
  };
}
