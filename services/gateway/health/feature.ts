import type { Core } from '../core.ts';
import type { Migrator } from '../database/migrator.ts';
import type { Feature } from '../feature.ts';
import type { PoolMeter } from '../metrics/pool-meter.ts';
import type { OperationStore } from '../operations/operation.ts';
import type { Outside } from '../outside.ts';
import type { PatternsFeature } from '../patterns/feature.ts';
import { createStats } from '../stats.ts';
import type { Connections } from '../ws/connections.ts';
import { healthEndpoints } from './endpoints.ts';
import { createHealth } from './health.ts';
import { createReadiness, type Readiness } from './readiness.ts';

export interface HealthFeature extends Feature {
  readonly readiness: Readiness;
}

export interface HealthParts {
  readonly migrator: Migrator;
  /** What has to be done after the migrations and before ready. */
  readonly prepare: () => Promise<unknown>;
  readonly outside: Outside;
  readonly operations: OperationStore;
  readonly patterns: PatternsFeature;
  readonly connections: Connections;
  readonly poolMeter: PoolMeter;
}

/** What the process says about itself: health, readiness, version, figures. */
export function healthFeature(core: Core, parts: HealthParts): HealthFeature {
  const { config, pool, redis, log, seams } = core;
  const { migrator, prepare, outside, operations, patterns, connections, poolMeter } = parts;
  const readiness = seams.readiness(createReadiness({ migrator, prepare, log }), core);
  const identity = { service: 'gateway', version: config.version, commit: config.commit, schemaHead: migrator.head };
  const health = seams.health(createHealth({ pool, redis, operations, meter: outside.meter.client, workers: outside.workers }), core);
  const stats = createStats({
    pool,
    poolStats: () => poolMeter.stats(),
    cache: patterns.cache,
    executionLog: patterns.executionLog,
    breakers: [outside.meter, ...outside.workers].map(({ breaker }) => breaker),
    connections: (workspaceId) => connections.stats(workspaceId),
    onError: core.reporter('token_sums_not_read'),
  });
  return { readiness, endpoints: healthEndpoints({ identity, health, readiness, stats }) };
}
