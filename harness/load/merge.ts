import { bestAnswerMs, selfCheck } from './generator-fault.ts';
import { LatencyStore, RAW_SAMPLES } from './latency-store.ts';
import type { LoadFrame, OperationReport, ShardReport } from './shard-report.ts';
import { emptyOutcomes, Tally } from './tally.ts';
import type { LoadResult, LoadWindow, OperationFigures, ShardFate } from './types.ts';
import { latencyAt } from './windows.ts';

const MAX_EXAMPLES = 5;
/** Of a load none of whose shards came back. */
const NOTHING: LoadFrame = {
  perSecond: 0,
  durationMs: 0,
  warmupMs: 0,
  windows: 1,
  maxInFlight: 0,
  timeoutMs: 0,
  gatedQuantile: 0.95,
  goodWithinMs: null,
  successOutcomes: ['ok'],
};

export interface MergeOptions {
  /** Offset 0 of the schedule on the clock of whoever merges; the earliest of the workers' when absent: right on one machine only. */
  readonly startedAtMs?: number;
  /** Why whoever coordinates the shards ended them early; it aborted them, but not because it was aborted itself. */
  readonly stopped?: string;
}

/**
 * One result from the shares that came; `fates` names them all, the lost ones with the reason. Windows, counts, outcomes and quantiles are
 * those one process would have given, while no more than 10⁶ samples were taken; beyond that quantiles are within 0.1 %. `peakInFlight`
 * is an upper bound: the workers' peaks need not fall together within a window. Everything but rate and slots is of what came only.
 */
export function mergeReports(reports: readonly ShardReport[], fates: readonly ShardFate[], options: MergeOptions = {}): LoadResult {
  const frame = reports[0]?.frame ?? NOTHING;
  const endMs = Math.max(0, ...reports.map((report) => report.endMs));
  const whole = tallyOf(frame);
  for (const report of reports) for (const { windows } of report.operations) whole.absorb(windows);
  const windows = whole.windows(endMs);
  const counts = countsOf(reports);
  const spanMs = endMs - frame.warmupMs;
  const arrived = sum(windows.map((window) => (window.achievedPerSecond * window.lengthMs) / 1000));
  return {
    ...counts,
    ...selfOf(reports, { windows, counts, gatedQuantile: frame.gatedQuantile }),
    ...boundsOf(reports, options),
    byOutcome: whole.byOutcome,
    windows,
    windowMs: whole.windowMs,
    peakInFlight: Math.max(0, ...windows.map((_, index) => sum(reports.map((report) => report.peakInFlight[index] ?? 0)))),
    maxInFlight: frame.maxInFlight,
    timeoutMs: frame.timeoutMs,
    serviceTimeMs: pooled(reports.map((report) => report.serviceTimeMs)).quantiles(),
    requestedPerSecond: frame.perSecond,
    achievedPerSecond: spanMs > 0 ? (arrived * 1000) / spanMs : 0,
    warmup: { durationMs: frame.warmupMs, ...warmupOf(reports) },
    operations: operationsOf(reports, frame, { endMs, windows }),
    calibration: worstCalibration(reports),
    shards: fates,
  };
}

function tallyOf({ warmupMs, durationMs, windows, successOutcomes, goodWithinMs }: LoadFrame): Tally {
  return new Tally({ fromMs: warmupMs, spanMs: durationMs - warmupMs, windows, successOutcomes, goodWithinMs, capacity: RAW_SAMPLES });
}

function boundsOf(reports: readonly ShardReport[], options: MergeOptions): Pick<LoadResult, 'startedAtMs' | 'aborted' | 'stopped'> {
  const stopped = options.stopped ?? reports.find((report) => report.stopped !== null)?.stopped ?? null;
  const earliest = reports.length === 0 ? 0 : Math.min(...reports.map((report) => report.startedAtMs));
  return {
    startedAtMs: options.startedAtMs ?? earliest,
    aborted: stopped === null && reports.some((report) => report.aborted),
    stopped,
  };
}

type Counts = Pick<
  LoadResult,
  'scheduled' | 'sent' | 'dropped' | 'unfinished' | 'cancelled' | 'queued' | 'bytes' | 'leaked' | 'offeredShare'
>;

function countsOf(reports: readonly ShardReport[]): Counts {
  const total = (name: keyof ShardReport['counts']) => sum(reports.map((report) => report.counts[name]));
  const scheduled = total('scheduled');
  return {
    scheduled,
    sent: total('sent'),
    dropped: total('dropped'),
    unfinished: total('unfinished'),
    cancelled: total('cancelled'),
    queued: total('queued'),
    bytes: total('bytes'),
    leaked: total('leaked'),
    offeredShare: scheduled === 0 ? 1 : total('offeredInTime') / scheduled,
  };
}

interface Measured {
  readonly windows: readonly LoadWindow[];
  readonly counts: Counts;
  readonly gatedQuantile: number;
}

/** What the workers say of themselves. A load is as good as the busiest of them. */
function selfOf(
  reports: readonly ShardReport[],
  { windows, counts, gatedQuantile }: Measured,
): Pick<LoadResult, 'elu' | 'cpuMs' | 'crashes' | 'latenessMs' | 'selfCheck'> {
  const elu = Math.max(0, ...reports.map((report) => report.self.elu));
  const latenessMs = pooled(reports.map((report) => report.latenessMs)).quantiles();
  const crashes = {
    count: sum(reports.map((report) => report.crashes.count)),
    examples: reports.flatMap((report) => report.crashes.examples).slice(0, MAX_EXAMPLES),
  };
  const gatedLatencyMs = latencyAt({ windows }, gatedQuantile);
  const checked = selfCheck({ latenessMs, gatedLatencyMs, elu, offeredShare: counts.offeredShare, crashes: crashes.count });
  return {
    elu,
    cpuMs: sum(reports.map((report) => report.self.cpuMs)),
    crashes,
    latenessMs,
    selfCheck: reports.length > 0 ? checked : { ok: false, reasons: ['no worker handed over what it measured'] },
  };
}

function operationsOf(
  reports: readonly ShardReport[],
  frame: LoadFrame,
  { endMs, windows }: { readonly endMs: number; readonly windows: readonly LoadWindow[] },
): OperationFigures[] {
  const mix = reports[0]?.operations ?? [];
  return mix.map(({ name }, entry) => {
    const parts = reports.flatMap((report): OperationReport[] => report.operations.slice(entry, entry + 1));
    const tally = tallyOf(frame);
    for (const part of parts) tally.absorb(part.windows);
    return {
      name,
      scheduled: sum(parts.map((part) => part.scheduled)),
      byOutcome: tally.byOutcome,
      latencyMs: tally.quantiles(),
      windows: mix.length === 1 ? windows : tally.windows(endMs),
    };
  });
}

function warmupOf(reports: readonly ShardReport[]): Pick<LoadResult['warmup'], 'scheduled' | 'byOutcome'> {
  const byOutcome = emptyOutcomes();
  for (const { warmup } of reports) {
    for (const [outcome, count] of Object.entries(warmup.byOutcome)) byOutcome[outcome as keyof typeof byOutcome] += count;
  }
  return { scheduled: sum(reports.map(({ warmup }) => warmup.scheduled)), byOutcome };
}

/** Of the worker with the latest answers of the null server, at the better of its two times: it limits what the load can tell. */
function worstCalibration(reports: readonly ShardReport[]): LoadResult['calibration'] {
  const all = reports.flatMap(({ calibration }) => (calibration === null ? [] : [calibration]));
  if (all.length === 0 || all.length < reports.length) return null;
  return all.reduce((worst, one) => (bestAnswerMs(one) > bestAnswerMs(worst) ? one : worst));
}

function pooled(parts: readonly ShardReport['latenessMs'][]): LatencyStore {
  const store = new LatencyStore(RAW_SAMPLES);
  for (const part of parts) store.absorb(part);
  return store;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
