import type { LoadClock } from './clock.ts';
import { mergeReports } from './merge.ts';
import type { Operation } from './operation.ts';
import type { LoadPlan } from './plan.ts';
import { WHOLE } from './plan.ts';
import { runShard } from './shard.ts';
import type { LoadResult, Quantiles } from './types.ts';
import { latencyAt } from './windows.ts';

export interface Calibration {
  readonly perSecond: number;
  readonly durationMs: number;
  /** Due to answered by the null server; null when it answered nothing: then it is not known what this machine can do. */
  readonly latencyMs: Quantiles | null;
  /** null when not one arrival was issued (aborted at once). */
  readonly latenessMs: Quantiles | null;
  readonly elu: number;
  /** Share of one core. */
  readonly cpuShare: number;
}

export interface CalibrationOptions {
  /** Asks a null server (see `startNullServer`) through the same kind of client as the load's operations; the caller closes it. */
  readonly operation: Operation;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
}

const LOWEST_PER_SECOND = 100;
const HIGHEST_PER_SECOND = 2000;

/** The rate to calibrate at for a load: its own, but enough for a percentile and not so much that the calibration is a load itself. */
export function calibrationRate(perSecond: number): number {
  return Math.min(HIGHEST_PER_SECOND, Math.max(LOWEST_PER_SECOND, perSecond));
}

/**
 * What this process and this machine can do at best, measured as a load is measured: all that the latency of a null server shows is ours.
 * Run just before and just after a load (A/A): a noisy machine shows here before it shows in a latency. A fifth of the time is warm-up.
 */
export async function calibrate({ operation, perSecond, durationMs, signal, clock }: CalibrationOptions): Promise<Calibration> {
  const report = await runShard({
    plan: planOf(operation.name, perSecond, durationMs),
    shard: WHOLE,
    operations: [operation],
    ...(signal && { signal }),
    ...(clock && { clock }),
  });
  const result = mergeReports([report], []);
  const { latenessMs, elu, cpuMs } = result;
  return { perSecond, durationMs, latencyMs: latenciesOf(result), latenessMs, elu, cpuShare: cpuMs / durationMs };
}

function planOf(operation: string, perSecond: number, durationMs: number): LoadPlan {
  return {
    id: 'calibration',
    suite: 'harness',
    label: 'calibration against the null server',
    shape: { kind: 'constant', perSecond, durationMs },
    arrivals: 'even',
    seed: 1,
    agents: 1,
    mix: [{ operation, weight: 1 }],
    warmupMs: durationMs / 5,
    maxInFlight: 1000,
    timeoutMs: 1000,
    drainMs: 1000,
  };
}

/** null: the server did not answer, which tells nothing. */
function latenciesOf(result: LoadResult): Quantiles | null {
  if (result.byOutcome.ok === 0) return null;
  const at = (q: number) => latencyAt(result, q) ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
