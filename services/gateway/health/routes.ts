import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { AppEnv } from '../../shared/http-app.ts';
import type { Health } from './health.ts';
import type { Readiness } from './readiness.ts';

export interface Identity {
  readonly service: string;
  readonly version: string;
  readonly commit: string | null;
  readonly schemaHead: string;
}

export interface HealthRoutesDeps {
  readonly identity: Identity;
  readonly health: () => Promise<Health>;
  readonly readiness: Readiness;
  readonly stats: () => Promise<Readonly<Record<string, unknown>>>;
}

export function healthRoutes({ identity, health, readiness, stats }: HealthRoutesDeps): Hono<AppEnv> {
  const { service, version, commit, schemaHead } = identity;
  const instanceId = randomUUID();
  const routes = new Hono<AppEnv>();
  routes.get('/health', async (context) => {
    const { workers, ...found } = await health();
    const well = Object.values(found.components).filter(({ status }) => status === 'healthy').length;
    const total = Object.keys(found.components).length;
    const body = {
      ...found,
      service,
      version,
      instance_id: instanceId,
      pid: process.pid,
      uptime_s: process.uptime(),
      timestamp: new Date().toISOString(),
      workers,
      registered_workers: workers.length,
      summary: { healthy: well, unhealthy: total - well, total },
    };
    return context.json(body, found.status === 'unhealthy' ? 503 : 200);
  });
  routes.get('/health/live', (context) => context.json({ status: 'alive' }));
  routes.get('/health/ready', async (context) => {
    const failed = await readiness.failed();
    return failed.length === 0 ? context.json({ status: 'ready' }) : context.json({ status: 'not_ready', failed }, 503);
  });
  routes.get('/version', (context) => context.json({ service, version, commit, schema_head: schemaHead }));
  routes.get('/api/v1/stats', async (context) => context.json(await stats()));
  return routes;
}
