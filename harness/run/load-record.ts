import type { Calibration, LoadPlan, LoadResult, OperationFigures } from '../load/index.ts';
import { describeShape } from '../load/index.ts';
import type { RecordCalibration, RecordLoad, RecordOperation } from '../model/record.ts';

/** A load as the report tells it. `runStartedAtMs`: CLOCK_MONOTONIC of the run's start. */
export function loadRecord(plan: LoadPlan, result: LoadResult, runStartedAtMs: number): RecordLoad {
  const { warmup, scheduled, sent, dropped, unfinished, requestedPerSecond, achievedPerSecond } = result;
  const { id, suite, label, agents } = plan;
  return {
    id,
    suite,
    label,
    shape: describeShape(plan),
    startMs: result.startedAtMs - runStartedAtMs,
    durationMs: durationMsOf(result),
    warmup: { durationMs: warmup.durationMs, scheduled: warmup.scheduled },
    agents,
    stopped: result.stopped,
    requestedPerSecond,
    achievedPerSecond,
    scheduled,
    sent,
    dropped,
    unfinished,
    byOutcome: Object.fromEntries(Object.entries(result.byOutcome).filter(([, count]) => count > 0)),
    operations: result.operations.map(operationRow),
    workers: result.shards.map(({ worker, of, lost, startErrorMs }) => ({ name: worker, share: 1 / of, lost, startErrorMs })),
    generator: generatorRow(result),
  };
}

/** Warm-up and measured time; shorter than planned when the load was cut off. */
function durationMsOf({ warmup, windows }: LoadResult): number {
  return warmup.durationMs + windows.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}

function operationRow({ name, scheduled, byOutcome, latencyMs }: OperationFigures): RecordOperation {
  return {
    name,
    scheduled,
    ok: byOutcome.ok,
    p50Ms: latencyMs?.p50 ?? null,
    p95Ms: latencyMs?.p95 ?? null,
    p99Ms: latencyMs?.p99 ?? null,
  };
}

function generatorRow(result: LoadResult): RecordLoad['generator'] {
  const { selfCheck, latenessMs, elu, cpuMs, calibration } = result;
  return {
    ok: selfCheck.ok,
    reasons: selfCheck.reasons,
    latenessP50Ms: latenessMs?.p50 ?? null,
    latenessP99Ms: latenessMs?.p99 ?? null,
    eventLoopUtilization: elu,
    cpuShare: cpuMs / Math.max(1, durationMsOf(result)),
    calibration: calibration && { before: calibrationRow(calibration.before), after: calibrationRow(calibration.after) },
  };
}

function calibrationRow({ perSecond, latencyMs, latenessMs }: Calibration): RecordCalibration {
  return { perSecond, p50Ms: latencyMs?.p50 ?? null, p99Ms: latencyMs?.p99 ?? null, latenessP99Ms: latenessMs?.p99 ?? null };
}
