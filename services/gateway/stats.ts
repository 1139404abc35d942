import type { Pool } from 'pg';
import type { Breaker } from '../shared/breaker.ts';
import type { AnswerCache } from './patterns/cache.ts';
import type { ExecutionLog } from './patterns/execution-log.ts';

export interface StatsDeps {
  readonly pool: Pool;
  readonly poolMax: number;
  readonly cache: AnswerCache;
  readonly executionLog: ExecutionLog;
  readonly breakers: readonly Breaker[];
  readonly connections: () => Readonly<Record<string, unknown>>;
}

interface TokenRow {
  readonly type: string;
  readonly used: number;
  readonly baseline: number;
}

/** What this process knows about itself; the token figures are sums over the executions in the database. */
export function createStats(deps: StatsDeps): () => Promise<Readonly<Record<string, unknown>>> {
  const { pool } = deps;
  let lastCpu = process.cpuUsage();
  let lastAtMs = performance.now();
  const cpuPercent = (): number => {
    const spent = process.cpuUsage(lastCpu);
    const elapsedMs = Math.max(1, performance.now() - lastAtMs);
    lastCpu = process.cpuUsage();
    lastAtMs += elapsedMs;
    return Math.round(((spent.user + spent.system) / 1000 / elapsedMs) * 1000) / 10;
  };
  return async () => ({
    cache: deps.cache.stats(),
    tokens: tokenStats(
      (
        await pool.query<TokenRow>(
          'select type, sum(tokens)::float8 as used, sum(baseline)::float8 as baseline from pattern_executions group by type',
        )
      ).rows,
    ),
    pool: {
      max: deps.poolMax,
      size: pool.totalCount,
      idle: pool.idleCount,
      in_use: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
    },
    breakers: deps.breakers.map((breaker) => breaker.status()),
    executions: { dropped_records: deps.executionLog.dropped },
    ws: deps.connections(),
    process: { cpu_pct: cpuPercent(), rss_mb: Math.round(process.memoryUsage.rss() / 1024 / 1024) },
  });
}

function tokenStats(rows: readonly TokenRow[]): Readonly<Record<string, unknown>> {
  const used = rows.reduce((sum, row) => sum + row.used, 0);
  const baseline = rows.reduce((sum, row) => sum + row.baseline, 0);
  const byType = Object.fromEntries(
    rows.map((row) => [row.type, { used: row.used, baseline: row.baseline, reduction_pct: reduction(row.used, row.baseline) }]),
  );
  return { used, baseline, reduction_pct: reduction(used, baseline), by_type: byType };
}

function reduction(used: number, baseline: number): number | null {
  return baseline === 0 ? null : Math.round((1 - used / baseline) * 1000) / 10;
}
