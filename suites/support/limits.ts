import { generatorFault, NotMeasured, type LoadResult, type RecordDistribution, type SuiteRun } from '../../harness/index.ts';

/** The pass target of a criterion in its base unit (ms). */
function limitOf(run: SuiteRun, id: string): number {
  return run.criteria.find((criterion) => criterion.id === id)?.pass?.value ?? Number.POSITIVE_INFINITY;
}

/** Our own fault if the generator's delay could have turned the answer at either of the criterion's bounds. */
export function latencyFault(run: SuiteRun, result: LoadResult, { id, q }: { readonly id: string; readonly q: number }): string | null {
  const criterion = run.criteria.find((candidate) => candidate.id === id);
  const limits = [criterion?.pass?.value, criterion?.nogo?.value].filter((value) => value !== undefined);
  if (limits.length === 0) return generatorFault(result);
  return limits.reduce<string | null>((fault, limitMs) => fault ?? generatorFault(result, { limitMs, q }), null);
}

/**
 * Our own fault in a rate or a share. A late generator can only lower them: a figure that reaches the target stands
 * unless the schedule itself was not issued, and one that does not is ours when the generator was late.
 */
export function rateFault(
  run: SuiteRun,
  result: LoadResult,
  { id, value }: { readonly id: string; readonly value: number },
): string | null {
  const reached = value >= limitOf(run, id);
  return reached ? generatorFault(result, { limitMs: result.timeoutMs, q: 0.99 }) : generatorFault(result);
}

/** The farther of a criterion's two bounds, in its base unit; 0 when it has none. */
export function widestBound(run: SuiteRun, id: string): number {
  const criterion = run.criteria.find((candidate) => candidate.id === id);
  return Math.max(0, criterion?.pass?.value ?? 0, criterion?.nogo?.value ?? 0);
}

/** A load that offers no more than the target rate cannot show it: throws NotMeasured with both figures. */
export function requireOfferedAbove(run: SuiteRun, id: string): void {
  const { ratePerSecond } = run.spec.workload;
  const limit = limitOf(run, id);
  if (ratePerSecond > limit) return;
  throw new NotMeasured(
    `the workload offers ${ratePerSecond} per second, which cannot show ${limit}: raise \`workload.rate\` or lower the target of ${id}`,
  );
}

/** The bounds of quantile criteria, for drawing them into the latency plot. */
export function marksFor(run: SuiteRun, ids: readonly string[]): RecordDistribution['marks'] {
  const quantiles: Readonly<Record<string, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };
  return ids.flatMap((id) => {
    const q = quantiles[id.split('_').at(-1) ?? ''];
    const limitMs = limitOf(run, id);
    return q === undefined || !Number.isFinite(limitMs) ? [] : [{ q, limitMs, criterion: id }];
  });
}
