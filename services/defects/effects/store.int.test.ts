import { createAgent, send } from '../../testing/client.ts';
import { startFakeWorker } from '../../testing/fake-worker.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { STORE_DEFECTS } from '../tables/store.ts';
import { comesTrue, describeEffects } from '../../testing/effects.ts';

const IDLE = `select from pg_stat_activity where state like 'idle in transaction%'`;
const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describeEffects(
  STORE_DEFECTS,
  {
    idle_in_transaction: async (_, backing, planted) => {
      const meter = await startFakeWorker();
      const gateway = await startTestGateway(backing, planted, { METER_URL: meter.url });
      const open = async () => (await query(backing.postgres.adminUrl, IDLE)).rows.length;
      meter.hold();
      const work = Promise.all([1, 2].map((topic) => execute(gateway, { query: `explain ${topic}`, use_cache: false })));
      await until(async () => meter.waiting() === 2);
      const isClosed = await comesTrue(async () => (await open()) === 0, 2_000);
      meter.release();
      await work;
      await gateway.stop();
      await meter.stop();
      return isClosed ? [] : ['a transaction is open and idle for as long as the model takes'];
    },
    pool_leak: async (gateway) => {
      const { id, headers } = await createAgent(gateway);
      await send(gateway, `POST /api/v1/agents/${id}/shutdown`, { headers });
      const refused = () => send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status: 'busy' } });
      for (let index = 0; index < 8; index++) await refused();
      const inUse = async () => ((await send(gateway, 'GET /api/v1/stats')).body['pool'] as { in_use: number }).in_use;
      // Connections that are being made count as in use: a gateway that has just started comes to rest a little later.
      const restful = await comesTrue(async () => (await inUse()) < 4);
      return restful ? [] : [`at rest ${await inUse()} connections are in use`];
    },
    superuser_role: async (gateway, { postgres }) => {
      await createAgent(gateway);
      const { rows } = await query(
        postgres.adminUrl,
        `select distinct usename from pg_stat_activity join pg_roles on rolname = usename where application_name = 'gateway' and rolsuper`,
      );
      return rows.map((row) => `the service connects as ${String(row['usename'])}, a superuser`);
    },
    set_config_leak: async (gateway, { postgres }) => {
      // The log of changes also writes down under which workspace the connection was.
      await query(postgres.adminUrl, `alter table audit_logs add column seen text default current_setting('app.workspace_id', true)`);
      const agent = await createAgent(gateway);
      const context = { name: 'default', data: { step: 1 } };
      await send(gateway, `POST /api/v1/agents/${agent.id}/context`, { headers: agent.headers, body: context });
      // So many at once that every connection of the pool has its turn.
      await Promise.all(Array.from({ length: 40 }, () => createAgent(gateway)));
      const { rows } = await query(
        postgres.adminUrl,
        `select seen, workspace_id from audit_logs where seen <> '' and seen <> workspace_id::text`,
      );
      return rows.map(({ seen, workspace_id: workspace }) => `a request of ${String(workspace)} ran as ${String(seen)}`);
    },
  },
  ({ postgres }) => ({ MUSTER_DEFECT_DATABASE_URL: postgres.adminUrl }),
);
