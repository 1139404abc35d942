import type { RecordDistribution, SuiteRun } from '../../harness/index.ts';

/** The pass target of a criterion in its base unit (ms); the generator's own delay is judged against it. */
export function limitOf(run: SuiteRun, id: string): number {
  return run.criteria.find((criterion) => criterion.id === id)?.pass?.value ?? Number.POSITIVE_INFINITY;
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
