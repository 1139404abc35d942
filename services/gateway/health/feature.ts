import type { Migrator } from '../database/migrator.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { OperationStore } from '../operations/operation.ts';
import type { Outside } from '../outside.ts';
import type { PatternsFeature } from '../patterns/feature.ts';
import { createStats } from '../stats.ts';
import type { Connections } from '../ws/connections.ts';
import { createHealth } from './health.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { healthRoutes } from './routes.ts';

export interface HealthFeature extends Feature {
  readonly readiness: Readiness;
}

export interface HealthParts {
  readonly migrator: Migrator;
  readonly outside: Outside;
  readonly operations: OperationStore;
  readonly patterns: PatternsFeature;
  readonly connections: Connections;
}

/** What the process says about itself: health, readiness, version, figures. */
export function healthFeature(core: Core, { migrator, outside, operations, patterns, connections }: HealthParts): HealthFeature {
  const { config, pool, redis, log } = core;
  const readiness = createReadiness(migrator, log);
  const identity = { service: 'gateway', version: config.version, commit: config.commit, schemaHead: migrator.head };
  const health = createHealth({ pool, redis, operations, meter: outside.meter.client, workers: outside.workers });
  const stats = createStats({
    pool,
    poolMax: config.poolMax,
    cache: patterns.cache,
    executionLog: patterns.executionLog,
    breakers: [outside.meter, ...outside.workers].map(({ breaker }) => breaker),
    connections: () => connections.stats(),
  });
  return { readiness, routes: [{ base: '/', app: healthRoutes({ identity, health, readiness, stats }) }] };
}
