import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAgent, send, type Json, type TestAgent } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

const write = ({ id, headers }: TestAgent, body: Json, key?: string) =>
  send(gateway, `POST /api/v1/agents/${id}/context`, {
    headers: { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body,
  });
const read = ({ id, headers }: TestAgent, search = '') => send(gateway, `GET /api/v1/agents/${id}/context${search}`, { headers });
const rollback = ({ id, headers }: TestAgent, body: Json) => send(gateway, `POST /api/v1/agents/${id}/context/rollback`, { headers, body });
const versions = ({ id, headers }: TestAgent, search = '') =>
  send(gateway, `GET /api/v1/agents/${id}/context/versions${search}`, { headers });
const ten = Array.from({ length: 10 }, (_, index) => index);

describe('a context', () => {
  it('is what was written last under its name', async () => {
    const agent = await createAgent(gateway);
    expect((await read(agent)).status).toBe(404);
    await write(agent, { data: { step: 1 } });
    const second = await write(agent, { data: { step: 2 }, change_description: 'went on', created_by: 'planner' });
    await write(agent, { name: 'other', data: {} });
    expect(second).toMatchObject({
      status: 200,
      body: { name: 'default', version: 2, data: { step: 2 }, agent_id: agent.id, change_description: 'went on', created_by: 'planner' },
    });
    expect(await read(agent)).toEqual(second);
    expect((await read(agent, '?name=other')).body).toMatchObject({ version: 1, created_by: 'anybody' });
  });

  it('has a history that is paged, newest first', async () => {
    const agent = await createAgent(gateway);
    for (const step of [1, 2, 3]) await write(agent, { data: { step } });
    const first = await versions(agent, '?limit=2');
    const second = await versions(agent, `?limit=2&cursor=${String(first.body['next_cursor'])}`);
    const seen = [first, second].flatMap(({ body }) => body['items'] as readonly Json[]);
    expect(seen.map(({ version, data }) => ({ version, data }))).toEqual([3, 2, 1].map((step) => ({ version: step, data: { step } })));
    expect(second.body['next_cursor']).toBe(null);
  });

  it('cannot be seen or written from another workspace', async () => {
    const agent = await createAgent(gateway);
    await write(agent, { data: { secret: true } });
    const stranger = await createAgent(gateway);
    const disguised = { ...agent, headers: stranger.headers };
    const answers = await Promise.all([
      read(disguised),
      versions(disguised),
      write(disguised, { data: {} }),
      rollback(disguised, { target_version: 1 }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await read(agent)).body['version']).toBe(1);
  });

  it('refuses what is not a context', async () => {
    const agent = await createAgent(gateway);
    const bodies: readonly Json[] = [{}, { data: [] }, { data: {}, expected_version: -1 }, { data: {}, name: '' }, { data: {}, more: 1 }];
    const answers = await Promise.all(bodies.map((body) => write(agent, body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 422));
  });
});

describe('writers at the same time', () => {
  it('make one version each', async () => {
    const agent = await createAgent(gateway);
    const answers = await Promise.all(ten.map((writer) => write(agent, { data: { writer } })));
    expect(answers.map(({ body }) => Number(body['version'])).toSorted((a, b) => a - b)).toEqual(ten.map((index) => index + 1));
    const history = (await versions(agent)).body['items'] as readonly Json[];
    for (const { body } of answers)
      expect(history.find(({ version }) => version === body['version'])).toMatchObject({ data: body['data'] });
  });

  it.each([0, 1])('that have all seen version %d: one wins, the others are told what is there', async (seen) => {
    const agent = await createAgent(gateway);
    if (seen === 1) await write(agent, { data: {} });
    const answers = await Promise.all(ten.map((writer) => write(agent, { data: { writer }, expected_version: seen })));
    const [won, ...more] = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 409);
    expect(more).toEqual([]);
    expect(refused).toHaveLength(9);
    for (const { body } of refused) {
      expect(body).toMatchObject({ error: { code: 'version_conflict', details: { expected: seen, current: seen + 1 } } });
    }
    expect((await read(agent)).body).toEqual(won?.body);
  });
});

describe('a rollback', () => {
  it('writes the data of the target as a new version', async () => {
    const agent = await createAgent(gateway);
    const data = { text: 'ü', nested: { list: [1, null, { deep: true }], number: 0.1 } };
    await write(agent, { data });
    await write(agent, { data: { other: true } });
    const back = await rollback(agent, { target_version: 1 });
    expect(back).toMatchObject({ status: 200, body: { version: 3, data, change_description: 'rolled back to version 1' } });
    expect((await versions(agent)).body['items']).toHaveLength(3);
  });

  it('knows no version that never was, and no context that never was', async () => {
    const agent = await createAgent(gateway);
    expect((await rollback(agent, { target_version: 1 })).status).toBe(404);
    expect((await read(agent)).status).toBe(404);
    await write(agent, { data: {} });
    expect(await rollback(agent, { target_version: 2 })).toMatchObject({ status: 400, body: { error: { code: 'unknown_version' } } });
    expect((await read(agent)).body['version']).toBe(1);
  });
});

describe('an idempotency key', () => {
  it('writes once, and answers every time with what it wrote', async () => {
    const agent = await createAgent(gateway);
    const answers = await Promise.all(ten.map(() => write(agent, { data: { a: 1 }, expected_version: 0 }, 'key-1')));
    await write(agent, { data: { a: 2 } });
    const late = await write(agent, { data: { a: 1 }, expected_version: 0 }, 'key-1');
    for (const answer of [...answers, late]) expect(answer).toEqual(answers[0]);
    expect(late).toMatchObject({ status: 200, body: { version: 1, data: { a: 1 } } });
    expect((await write(agent, { data: { a: 3 } }, 'key-1')).body).toMatchObject({ error: { code: 'idempotency_conflict' } });
    expect((await read(agent)).body['version']).toBe(2);
  });
});

it('tells of every write in an event and in the audit log', async () => {
  const agent = await createAgent(gateway);
  const { body } = await write(agent, { data: {} });
  await rollback(agent, { target_version: 1 });
  await write(agent, { data: {}, expected_version: 7 });
  const events = await query(
    backing.postgres.adminUrl,
    `select data->'context_id' as id, data->'context_name' as name, data->'version' as version from outbox
     where agent_id = $1 and topic = 'agent_context_updated' order by seq`,
    [agent.id],
  );
  const audit = await query(backing.postgres.adminUrl, 'select event_type from audit_logs where subject = $1 order by id', [body['id']]);
  expect(events.rows).toEqual([1, 2].map((version) => ({ id: body['id'], name: 'default', version })));
  expect(audit.rows.map(({ event_type: type }) => type)).toEqual(['context.updated', 'context.rolled_back']);
});

describe('the tables', () => {
  const visible = async (workspace: string | null) => {
    const set = workspace === null ? '' : `set app.workspace_id = '${workspace}';`;
    const counted = (await query(
      backing.postgres.url,
      `${set} select (select count(*)::int from agent_contexts) as contexts, (select count(*)::int from agent_context_versions) as versions`,
    )) as unknown as { rows: Json[] } | { rows: Json[] }[];
    return (Array.isArray(counted) ? counted.at(-1) : counted)?.rows[0];
  };

  it('show their owner the rows of one workspace only', async () => {
    const agent = await createAgent(gateway);
    await write(agent, { data: {} });
    expect(await visible(agent.workspace)).toEqual({ contexts: 1, versions: 1 });
    expect(await visible(randomUUID())).toEqual({ contexts: 0, versions: 0 });
    expect(await visible(null)).toEqual({ contexts: 0, versions: 0 });
  });

  it('take no row for another workspace', async () => {
    const agent = await createAgent(gateway);
    const insert = `set app.workspace_id = '${randomUUID()}';
      insert into agent_contexts (id, workspace_id, instance_id, name) values ('${randomUUID()}', '${agent.workspace}', '${agent.id}', 'x')`;
    await expect(query(backing.postgres.url, insert)).rejects.toThrow('row-level security');
  });
});
