import { randomUUID } from 'node:crypto';
import { columnsOf, foreignKeysWithoutIndex, labelsOf } from '../../testing/catalogue.ts';
import { createAgent, send, type Json } from '../../testing/client.ts';
import { comesTrue, describeEffects } from '../../testing/effects.ts';
import { overlapping } from '../../testing/overlapping.ts';
import { until, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { SCHEMA_DEFECTS } from '../tables/schema.ts';

const AGENTS = 6;
const PATIENCE_MS = 1000;

const claim = (gateway: Gateway, headers: Readonly<Record<string, string>>, agent: string) =>
  send(gateway, 'POST /api/v1/tasks/claim', { headers, body: { agent } });
const readWorkflow = async (gateway: Gateway, id: unknown, headers: Readonly<Record<string, string>>) =>
  (await send(gateway, `GET /api/v1/workflows/${String(id)}`, { headers })).body;

describeEffects(SCHEMA_DEFECTS, {
  migration_skipped: async (gateway, { postgres }) => {
    const claimed = (await send(gateway, 'GET /version')).body['schema_head'];
    const { rows } = await query(postgres.adminUrl, 'select version from schema_migrations order by version desc limit 1');
    return rows[0]?.['version'] === claimed ? [] : [`the database is at ${String(rows[0]?.['version'])}, not at ${String(claimed)}`];
  },
  enum_upper_case: async (gateway, { postgres }) => {
    const { id, headers } = await createAgent(gateway);
    const told: unknown[] = [];
    for (const action of ['activate', 'deactivate', 'shutdown'])
      told.push((await send(gateway, `POST /api/v1/agents/${id}/${action}`, { headers })).body['status']);
    if (told.join() !== 'active,idle,offline') throw new Error(`the service itself is broken: ${told.join()}`);
    const labels = await labelsOf(postgres.adminUrl, 'agent_status');
    return told.filter((status) => !labels.includes(String(status))).map((status) => `the database has no status "${String(status)}"`);
  },
  missing_column: async (gateway, { postgres }) => {
    const { status } = await send(gateway, 'POST /api/v1/patterns/execute', { body: { query: 'explain columns', use_cache: false } });
    if (status !== 200) throw new Error(`the service itself is broken: ${status}`);
    const columns = await columnsOf(postgres.adminUrl, 'token_ledger');
    return ['op_id', 'kind', 'prompt', 'completion', 'source', 'at'].filter((column) => !columns.includes(column));
  },
  missing_fk_index: async (_, { postgres }) => foreignKeysWithoutIndex(postgres.adminUrl),
  task_done_twice: async (gateway, { postgres }) => {
    const first = await createAgent(gateway);
    const agents = [first, ...(await Promise.all(Array.from({ length: AGENTS - 1 }, () => createAgent(gateway, first.workspace))))];
    const { headers } = first;
    for (let made = 0; made < AGENTS; made++) await send(gateway, 'POST /api/v1/tasks', { headers, body: { title: `task ${made}` } });
    const answers = await overlapping(postgres.adminUrl, 'tasks', () => agents.map(({ id }) => claim(gateway, headers, id)));
    const given = answers.flatMap(({ body }) => (body['task'] === null ? [] : String((body['task'] as Json)['id'])));
    return given.length === new Set(given).size ? [] : [`${given.length} claims gave ${new Set(given).size} tasks`];
  },
  workflow_cycle_accepted: async (gateway) => {
    const headers = { 'x-workspace-id': randomUUID() };
    const task = (id: string, dependsOn: string) => ({ id, name: id, capability: 'answer', depends_on: [dependsOn] });
    const tasks = [task('a', 'b'), task('b', 'a')];
    const { status, body } = await send(gateway, 'POST /api/v1/workflows', {
      headers,
      body: { name: 'round', strategy: 'parallel', tasks },
    });
    if (status === 422) return [];
    await until(async () => (await readWorkflow(gateway, body['id'], headers))['status'] !== 'ready');
    const ends = await comesTrue(async () => (await readWorkflow(gateway, body['id'], headers))['status'] !== 'running', PATIENCE_MS);
    return ends ? [] : [`a workflow that can never end was accepted and is running after ${PATIENCE_MS} ms`];
  },
  retry_count_ignored: async (gateway) => {
    const { id: agent, headers } = await createAgent(gateway);
    const made = await send(gateway, 'POST /api/v1/tasks', { headers, body: { title: 'poisoned', max_retries: 2 } });
    const task = `/api/v1/tasks/${String(made.body['id'])}`;
    let failures = 0;
    for (; failures < 6 && (await claim(gateway, headers, agent)).body['task'] !== null; failures++) {
      await send(gateway, `POST ${task}/start`, { headers });
      await send(gateway, `POST ${task}/fail`, { headers, body: { reason: 'poisoned' } });
    }
    return failures === 3 ? [] : [`a task with 2 retries was tried ${failures} times`];
  },
});
