import type { Observed, SuiteRun, Witness } from '../../harness/index.ts';
import { hitRate, type RedisReads } from '../support/hit-rate.ts';
import { withRedis } from '../support/stores.ts';
import { tapNow, tapWitness } from '../support/tapped.ts';
import type { Metered } from './metered.ts';

/** Does the work and reads Redis's own counters around it; null: the target has no Redis that can be asked. */
export async function besideRedis<T extends object>(
  run: SuiteRun,
  work: () => Promise<T>,
): Promise<T & { readonly redis: RedisReads | null; readonly tap: Witness }> {
  const before = await readsSoFar(run);
  const tapBefore = await tapNow(run);
  const result = await work();
  const tap = tapWitness(run, tapBefore, await tapNow(run));
  const after = await readsSoFar(run);
  const redis = before === null || after === null ? null : { hits: after.hits - before.hits, misses: after.misses - before.misses };
  return { ...result, redis, tap };
}

async function readsSoFar(run: SuiteRun): Promise<RedisReads | null> {
  if (!run.spec.services.some(({ kind }) => kind === 'redis') || run.cannot('admin') !== null) return null;
  const info = await withRedis(await run.adminUrl('redis'), (client) => client.info('stats'));
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'mu').exec(info)?.[1]);
  const reads = { hits: figure('keyspace_hits'), misses: figure('keyspace_misses') };
  return Number.isFinite(reads.hits + reads.misses) ? reads : null;
}

/** @throws NotMeasured as `hitRate` does. */
export function hitsIn(asks: readonly Metered[], redis: RedisReads | null): Observed {
  return hitRate(
    asks.map(({ execution, meter }) => ({ cacheHit: execution.cacheHit, metered: meter?.tokens ?? null })),
    redis,
  );
}
