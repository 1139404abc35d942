import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { fresh, within } from '../../shared/fresh.ts';
import { messageOf } from '../../shared/log.ts';
import type { JsonClient } from '../../shared/call-json.ts';
import { countsOf, type OpenCounts, type OperationStore } from '../operations/operation.ts';

export interface ComponentHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly latency_ms: number;
  readonly checked_at: string;
  readonly error?: string;
}

export interface WorkerHealth {
  readonly name: string;
  readonly url: string;
  readonly status: 'healthy' | 'unhealthy';
}

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly components: Readonly<Record<'postgres' | 'redis' | 'workers' | 'meter', ComponentHealth>>;
  readonly workers: readonly WorkerHealth[];
  readonly active_operations: number | null;
  readonly escalation_queue: number | null;
}

export interface HealthDeps {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly operations: OperationStore;
  readonly meter: JsonClient;
  readonly workers: readonly { readonly name: string; readonly url: string; readonly client: JsonClient }[];
}

const PROBE_LIMIT_MS = 800;
/** An answer is at most this old, plus the time of a probe. */
const MAX_AGE_MS = 1000;

/** Asks every dependency; nothing is remembered from earlier requests, except for a second, so that probes cannot become a load. */
export function createHealth(deps: HealthDeps): () => Promise<Health> {
  return fresh(() => examine(deps), MAX_AGE_MS);
}

async function examine(deps: HealthDeps): Promise<Health> {
  let counts: OpenCounts | null = null;
  const countOpen = async (): Promise<void> => {
    counts = countsOf(await deps.operations.counts(), null);
  };
  const [postgres, redis, meter, workers] = await Promise.all([
    probe(countOpen),
    probe(async () => deps.redis.ping()),
    probe(() => requireHealthy(deps.meter)),
    probeWorkers(deps.workers),
  ]);
  const components = { postgres, redis, workers: workers.component, meter };
  const { active, escalated } = counts ?? { active: null, escalated: null };
  return { status: overall(components), components, workers: workers.each, active_operations: active, escalation_queue: escalated };
}

/** Without Postgres nothing can be acknowledged; without the others part of the work still is. */
export function overall(components: Health['components']): Health['status'] {
  if (components.postgres.status === 'unhealthy') return 'unhealthy';
  return Object.values(components).every(({ status }) => status === 'healthy') ? 'healthy' : 'degraded';
}

async function probe(ask: () => Promise<unknown>): Promise<ComponentHealth> {
  const startedAtMs = performance.now();
  const result = (status: ComponentHealth['status']): ComponentHealth => ({
    status,
    latency_ms: Math.round((performance.now() - startedAtMs) * 100) / 100,
    checked_at: new Date().toISOString(),
  });
  try {
    await within(ask(), PROBE_LIMIT_MS);
    return result('healthy');
  } catch (error) {
    return { ...result('unhealthy'), error: messageOf(error) };
  }
}

async function requireHealthy(client: JsonClient): Promise<void> {
  const { status } = await client.call({ method: 'GET', path: '/health', timeoutMs: PROBE_LIMIT_MS });
  if (status !== 200) throw new Error(`health answered ${status}`);
}

async function probeWorkers(
  workers: HealthDeps['workers'],
): Promise<{ readonly component: ComponentHealth; readonly each: readonly WorkerHealth[] }> {
  const probed = await Promise.all(
    workers.map(async ({ name, url, client }) => ({ name, url, health: await probe(() => requireHealthy(client)) })),
  );
  const away = probed.filter(({ health }) => health.status !== 'healthy');
  const component: ComponentHealth = {
    status: away.length === 0 ? 'healthy' : away.length === probed.length ? 'unhealthy' : 'degraded',
    latency_ms: Math.max(0, ...probed.map(({ health }) => health.latency_ms)),
    checked_at: new Date().toISOString(),
    ...(away.length === 0 ? {} : { error: away.map(({ name, health }) => `${name}: ${health.error ?? ''}`).join('; ') }),
  };
  return {
    component,
    each: probed.map(({ name, url, health }) => ({ name, url, status: health.status === 'healthy' ? 'healthy' : 'unhealthy' })),
  };
}
