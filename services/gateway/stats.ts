import { z } from 'zod';
import type { Pool } from 'pg';
import type { BreakerStatus } from '../shared/breaker.ts';
import { fresh } from '../shared/fresh.ts';
import { SingleFlight } from '../shared/single-flight.ts';
import type { PoolStats } from './metrics/pool-meter.ts';
import type { AnswerCache } from './patterns/cache.ts';
import type { ExecutionLog } from './patterns/execution-log.ts';
import { time } from './schemas.ts';

const count = z.int().min(0);
const reduction = { used: z.number().min(0), baseline: z.number().min(0), reduction_pct: z.number().nullable() };

export const statsSchema = z
  .object({
    cache: z.object({
      hits: count,
      misses: count,
      local_hits: count,
      shared_hits: count,
      evictions: count,
      invalidations: count,
      hit_rate: z.number().min(0).max(1).nullable(),
      backend: z.string(),
    }),
    /** null while the database cannot be asked: the rest is of use just then. */
    tokens: z.object({ ...reduction, by_type: z.record(z.string(), z.object(reduction)) }).nullable(),
    pool: z.object({
      size: count,
      max: count,
      in_use: count,
      idle: count,
      waiting: count,
      acquire_p95_ms: z.number().min(0).nullable(),
      max_seen: count,
    }),
    breakers: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['closed', 'open', 'half_open']),
        failures: count,
        opened_at: time.nullable(),
        retry_at: time.nullable(),
        transitions: count,
      }),
    ),
    executions: z.object({ dropped_records: count }),
    ws: z.object({ connections: count, by_agent: z.record(z.string(), count) }),
    process: z.object({ cpu_pct: z.number().min(0), rss_mb: z.number().min(0) }),
  })
  .meta({ id: 'Stats' });

export interface StatsDeps {
  readonly pool: Pool;
  readonly poolStats: () => PoolStats;
  readonly cache: AnswerCache;
  readonly executionLog: ExecutionLog;
  readonly breakers: readonly { status(): BreakerStatus }[];
  readonly connections: (workspaceId: string | null) => Readonly<Record<string, unknown>>;
  readonly onError: (error: unknown) => void;
}

interface TokenRow {
  readonly type: string;
  readonly used: number;
  readonly baseline: number;
}

/** The sums are read at most this often: they go over all executions. */
const TOKENS_MAX_AGE_MS = 1000;

const TOKENS = `
  select type, sum(tokens)::float8 as used, sum(baseline)::float8 as baseline
  from pattern_executions where $1::uuid is null or workspace_id = $1 group by type`;

/** @param workspaceId of the key: what is about tenants is about this one. null: about all. */
export type Stats = (workspaceId: string | null) => Promise<Readonly<Record<string, unknown>>>;

/** What this process knows about itself; the token figures are sums over the executions in the database. */
export function createStats(deps: StatsDeps): Stats {
  const cpuPercent = cpuMeter();
  const read = async (workspaceId: string | null): Promise<unknown> => {
    try {
      return tokenStats((await deps.pool.query<TokenRow>(TOKENS, [workspaceId])).rows);
    } catch (error) {
      deps.onError(error);
      return null;
    }
  };
  const ofAll = fresh(() => read(null), TOKENS_MAX_AGE_MS);
  const flights = new SingleFlight<unknown>();
  const tokens = async (workspaceId: string | null): Promise<unknown> =>
    workspaceId === null ? ofAll() : (await flights.run(workspaceId, () => read(workspaceId))).value;
  return async (workspaceId) => ({
    cache: deps.cache.stats(),
    tokens: await tokens(workspaceId),
    pool: deps.poolStats(),
    breakers: deps.breakers.map((breaker) => breaker.status()),
    executions: { dropped_records: deps.executionLog.dropped },
    ws: deps.connections(workspaceId),
    process: { cpu_pct: cpuPercent(), rss_mb: Math.round(process.memoryUsage.rss() / 1024 / 1024) },
  });
}

/** Share of one processor since the last call. */
function cpuMeter(): () => number {
  let lastCpu = process.cpuUsage();
  let lastAtMs = performance.now();
  return () => {
    const spent = process.cpuUsage(lastCpu);
    const elapsedMs = Math.max(1, performance.now() - lastAtMs);
    lastCpu = process.cpuUsage();
    lastAtMs += elapsedMs;
    return Math.round(((spent.user + spent.system) / 1000 / elapsedMs) * 1000) / 10;
  };
}

/** Exported for its test. */
export function tokenStats(rows: readonly TokenRow[]): Readonly<Record<string, unknown>> {
  const used = rows.reduce((sum, row) => sum + row.used, 0);
  const baseline = rows.reduce((sum, row) => sum + row.baseline, 0);
  const byType = Object.fromEntries(
    rows.map((row) => [row.type, { used: row.used, baseline: row.baseline, reduction_pct: reductionOf(row.used, row.baseline) }]),
  );
  return { used, baseline, reduction_pct: reductionOf(used, baseline), by_type: byType };
}

function reductionOf(used: number, baseline: number): number | null {
  return baseline === 0 ? null : Math.round((1 - used / baseline) * 1000) / 10;
}
