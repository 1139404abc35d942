import { Client } from 'pg';
import { append, createAgent, send } from '../../testing/client.ts';
import { alone, comesTrue, describeEffects } from '../../testing/effects.ts';
import { freePort } from '../../testing/free-port.ts';
import { answers, runGateway } from '../../testing/program.ts';
import { HOST, startTestGateway, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { HEALTH_DEFECTS } from '../tables/health.ts';

/** The key of the lock that migrations take. */
const MIGRATION_LOCK = 7_301_944;

/** Much longer than an answer of health may be old. */
const TRUTHFUL_WITHIN_MS = 6_000;

const health = async (gateway: Gateway) => (await send(gateway, 'GET /health')).body['status'];
const ready = async (gateway: Pick<Gateway, 'url'>) => (await send(gateway, 'GET /health/ready')).status;
const isBlocked = async ({ postgres }: Backing) =>
  (await query(postgres.adminUrl, 'select from pg_locks where not granted')).rows.length > 0;

/** Holds while `store` is away. */
async function whileAway(store: Backing['postgres' | 'redis'], holds: () => Promise<boolean>): Promise<boolean> {
  await store.stop();
  const held = await comesTrue(holds, TRUTHFUL_WITHIN_MS);
  await store.start();
  return held;
}

describeEffects(HEALTH_DEFECTS, {
  health_constant: async (gateway, { postgres }) => {
    await until(async () => (await health(gateway)) === 'healthy');
    const noticed = await whileAway(postgres, async () => (await health(gateway)) === 'unhealthy');
    return noticed ? [] : ['without Postgres health did not become unhealthy'];
  },
  health_cached: async (gateway, { redis }) => {
    await until(async () => (await health(gateway)) === 'healthy');
    const noticed = await whileAway(redis, async () => (await health(gateway)) === 'degraded');
    return noticed ? [] : ['without Redis health did not become degraded'];
  },
  ready_constant: async (gateway, { postgres }) => {
    const noticed = await whileAway(postgres, async () => (await ready(gateway)) === 503);
    return noticed ? [] : ['without Postgres it was ready'];
  },
  ready_before_migrations: alone(async (backing, planted) => {
    const admin = new Client({ connectionString: backing.postgres.adminUrl });
    await admin.connect();
    await query(backing.postgres.adminUrl, 'drop schema public cascade');
    await query(backing.postgres.adminUrl, 'create schema public authorization service');
    await admin.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const port = await freePort();
    const url = `http://${HOST}:${port}`;
    const starting = startTestGateway(backing, planted, { PORT: String(port) });
    await until(async () => (await isBlocked(backing)) && (await answers(`${url}/health/live`)));
    const early = await ready({ url });
    await admin.end();
    const late = await starting;
    await late.stop();
    return early === 503 ? [] : [`while its migrations waited, ready was answered ${early}`];
  }),
  drain_drops_inflight: async (gateway, backing, planted) => {
    const agent = await createAgent(gateway);
    const running = await runGateway(backing, { MUSTER_DEFECTS: planted.join(',') });
    const admin = new Client({ connectionString: backing.postgres.adminUrl });
    await admin.connect();
    await admin.query('begin; lock table agent_messages in access exclusive mode');
    const inFlight = append({ ...gateway, url: running.url }, agent, 'in flight').then(
      ({ status }) => String(status),
      (error: unknown) => String(error),
    );
    await until(() => isBlocked(backing));
    running.child.kill('SIGTERM');
    await until(async () => !(await answers(`${running.url}/health/live`)));
    await admin.query('rollback');
    await admin.end();
    const outcome = await inFlight;
    const [code] = await running.exited;
    return [...(outcome === '201' ? [] : [`a request in flight ended with ${outcome}`]), ...(code === 0 ? [] : [`it exited with ${code}`])];
  },
});
