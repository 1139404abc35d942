import type { LoadResult, Quantiles } from '../types.ts';

/** Quantiles of which p99 is known; the others follow from it. */
export function quantilesAround(p99: number): Quantiles {
  return { p50: p99 / 10, p95: p99 / 2, p99, max: p99 * 2 };
}

/** A healthy result of a hundred arrivals whose latencies are all `latencyMs`: 100 ms when absent. */
export function loadResult({ latencyMs = 100, ...overrides }: Partial<LoadResult> & { readonly latencyMs?: number } = {}): LoadResult {
  const byOutcome = { ok: 100, degraded: 0, shed: 0, rejected: 0, unknown: 0, wrong: 0 };
  const latenciesMs = Array.from({ length: 100 }, () => latencyMs);
  return {
    startedAtMs: 0,
    byOutcome,
    windows: [
      { startMs: 0, lengthMs: 500, latenciesMs, successes: 100, inTime: 100, trials: 100, late: 0, byOutcome, achievedPerSecond: 200 },
    ],
    windowMs: 500,
    elu: 0.1,
    cpuMs: 10,
    aborted: false,
    stopped: null,
    crashes: { count: 0, examples: [] },
    scheduled: 100,
    sent: 100,
    dropped: 0,
    unfinished: 0,
    cancelled: 0,
    queued: 0,
    peakInFlight: 10,
    maxInFlight: 100,
    timeoutMs: 10_000,
    leaked: 0,
    bytes: 0,
    serviceTimeMs: null,
    latenessMs: quantilesAround(1),
    requestedPerSecond: 200,
    offeredShare: 1,
    achievedPerSecond: 200,
    warmup: { durationMs: 0, scheduled: 0, byOutcome },
    selfCheck: { ok: true, reasons: [] },
    operations: [],
    calibration: null,
    shards: [],
    ...overrides,
  };
}
