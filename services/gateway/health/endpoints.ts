import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { time, uuid } from '../schemas.ts';
import { statsSchema, type Stats } from '../stats.ts';
import type { Health } from './health.ts';
import type { Readiness } from './readiness.ts';

export interface Identity {
  readonly service: string;
  readonly version: string;
  readonly commit: string | null;
  readonly schemaHead: string;
}

export interface HealthEndpointDeps {
  readonly identity: Identity;
  readonly health: () => Promise<Health>;
  readonly readiness: Readiness;
  readonly stats: Stats;
}

const count = z.int().min(0);
const status = z.enum(['healthy', 'degraded', 'unhealthy']);
const component = z
  .object({ status, latency_ms: z.number().min(0), checked_at: time, error: z.string().optional() })
  .meta({ id: 'ComponentHealth' });
const healthSchema = z
  .object({
    status,
    service: z.string(),
    version: z.string(),
    instance_id: uuid,
    pid: z.int(),
    uptime_s: z.number().min(0),
    timestamp: time,
    components: z.object({ postgres: component, redis: component, workers: component, meter: component }),
    workers: z.array(z.object({ name: z.string(), url: z.string(), status: z.enum(['healthy', 'unhealthy']) })),
    registered_workers: count,
    active_operations: count.nullable(),
    escalation_queue: count.nullable(),
    summary: z.object({ healthy: count, unhealthy: count, total: count }),
  })
  .meta({ id: 'Health' });
const ready = z.object({ status: z.literal('ready') });
const notReady = z.object({ status: z.literal('not_ready'), failed: z.array(z.string()).min(1) });

const common = { method: 'get', tag: 'health' } as const;

export function healthEndpoints(deps: HealthEndpointDeps): readonly Endpoint[] {
  return [...probes(deps), ...figures(deps)];
}

function probes({ identity, health, readiness }: HealthEndpointDeps): readonly Endpoint[] {
  const { service, version } = identity;
  const instance = { service, version, instance_id: randomUUID(), pid: process.pid };
  return [
    endpoint({
      ...common,
      path: '/health',
      summary: 'How the service and what it depends on are, asked just now',
      answers: { 200: healthSchema, 503: healthSchema },
      open: true,
      handle: async () => {
        const found = await health();
        return json(found.status === 'unhealthy' ? 503 : 200, { ...instance, ...report(found) });
      },
    }),
    endpoint({
      ...common,
      path: '/health/live',
      summary: 'Whether the process answers at all',
      answers: { 200: z.object({ status: z.literal('alive') }) },
      open: true,
      handle: () => json(200, { status: 'alive' }),
    }),
    endpoint({
      ...common,
      path: '/health/ready',
      summary: 'Whether work may be sent here, and what is missing',
      answers: { 200: ready, 503: notReady },
      open: true,
      handle: async () => {
        const failed = await readiness.failed();
        return failed.length === 0 ? json(200, { status: 'ready' }) : json(503, { status: 'not_ready', failed });
      },
    }),
  ];
}

function report(found: Health): Readonly<Record<string, unknown>> {
  const statuses = Object.values(found.components).map((part) => part.status);
  const healthy = statuses.filter((part) => part === 'healthy').length;
  return {
    ...found,
    uptime_s: process.uptime(),
    timestamp: new Date().toISOString(),
    registered_workers: found.workers.length,
    summary: { healthy, unhealthy: statuses.length - healthy, total: statuses.length },
  };
}

function figures({ identity, stats }: HealthEndpointDeps): readonly Endpoint[] {
  const { service, version, commit, schemaHead } = identity;
  return [
    endpoint({
      ...common,
      path: '/version',
      summary: 'What runs here',
      answers: { 200: z.object({ service: z.string(), version: z.string(), commit: z.string().nullable(), schema_head: z.string() }) },
      open: true,
      handle: () => json(200, { service, version, commit, schema_head: schemaHead }),
    }),
    endpoint({
      ...common,
      path: '/api/v1/stats',
      summary: 'Figures of this process; tokens as summed over all executions, those of its workspace for a key that has one',
      answers: { 200: statsSchema },
      handle: async ({ actor }) => json(200, await stats(actor.workspaceId)),
    }),
  ];
}
