import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createAgent, send } from '../../testing/client.ts';
import { startFakeWorker } from '../../testing/fake-worker.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { STORE_DEFECTS } from '../tables/store.ts';
import { alone, comesTrue, describeEffects } from '../../testing/effects.ts';

const IDLE = `select from pg_stat_activity where state like 'idle in transaction%'`;
const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describeEffects(
  STORE_DEFECTS,
  {
    idle_in_transaction: alone(async (backing, planted) => {
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
    }),
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
    pool_waits_for_ever: async (gateway, { postgres }) => {
      const { id, headers } = await createAgent(gateway);
      const holder = new Client({ connectionString: postgres.adminUrl });
      await holder.connect();
      await holder.query('begin');
      await holder.query('select from agent_instances where id = $1 for update', [id]);
      let answered = false;
      const appended = send(gateway, `POST /api/v1/agents/${id}/messages`, { headers, body: { direction: 'inbound', payload: 1 } });
      const answer = appended.then(() => (answered = true));
      const inTime = await comesTrue(async () => answered, 8_000);
      await holder.end();
      await answer;
      return inTime ? [] : ['whoever needs a row that is taken waits for as long as it is'];
    },
    agent_starved: async (gateway) => {
      const quickest = async (agent: string): Promise<number> => {
        const tookMs: number[] = [];
        for (let index = 0; index < 4; index++) {
          const startedAtMs = performance.now();
          await send(gateway, 'POST /api/v1/patterns/execute', {
            headers: { 'x-agent-id': agent },
            body: { query: 'status of the queue' },
          });
          tookMs.push(performance.now() - startedAtMs);
        }
        return Math.min(...tookMs);
      };
      return (await quickest('agent-7')) < 600 ? [] : ['even the quickest execution of one agent takes more than 600 ms'];
    },
    superuser_role: async (gateway, { postgres }) => {
      await createAgent(gateway);
      const { rows } = await query(
        postgres.adminUrl,
        `select distinct usename from pg_stat_activity join pg_roles on rolname = usename where application_name = 'gateway' and rolsuper`,
      );
      return rows.map((row) => `the service connects as ${String(row['usename'])}, a superuser`);
    },
    set_config_leak: async (gateway) => {
      const workspaces = [randomUUID(), randomUUID()];
      const of = (workspace: string | undefined) => ({ 'x-workspace-id': workspace ?? '' });
      for (const workspace of workspaces)
        await send(gateway, 'POST /api/v1/memories', {
          headers: of(workspace),
          body: { content: `note of ${workspace}`, access: 'shared' },
        });
      const search = async (workspace: string | undefined) => {
        const asked = { headers: of(workspace), body: { query: 'note', limit: 10 } };
        const { body } = await send(gateway, 'POST /api/v1/memories/search', asked);
        const found = (body['items'] as readonly { readonly content: string }[] | undefined) ?? [];
        return found
          .filter(({ content }) => content !== `note of ${workspace ?? ''}`)
          .map(({ content }) => `${workspace ?? ''} was shown the ${content}`);
      };
      // Who gets whose connection is left to chance.
      for (let round = 0; round < 10; round++) {
        const seen = await Promise.all(
          Array.from({ length: 60 }, (_, index) => search(workspaces[(index + (index >> 2)) % workspaces.length])),
        );
        if (seen.flat().length > 0) return seen.flat();
      }
      return [];
    },
    row_security_off: async (_, { postgres }) => {
      const { rows } = await query(postgres.adminUrl, `select relname from pg_class where relforcerowsecurity and not relrowsecurity`);
      return rows.map(({ relname }) => `row security of ${String(relname)} is off`);
    },
    policy_open_without_tenant: async (gateway, { postgres }) => {
      const agent = await createAgent(gateway);
      const context = { name: 'default', data: { step: 1 } };
      await send(gateway, `POST /api/v1/agents/${agent.id}/context`, { headers: agent.headers, body: context });
      const { rows } = await query(postgres.url, 'select workspace_id from agent_contexts');
      return rows.map(({ workspace_id: workspace }) => `a session without a workspace sees the context of ${String(workspace)}`);
    },
  },
  ({ postgres }) => ({ MUSTER_DEFECT_DATABASE_URL: postgres.adminUrl }),
);
