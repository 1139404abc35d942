import { describe, expect, it } from 'vitest';
import { append, createAgent, send, transcript, type Json } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { AGENT_STATUSES, AGENT_TRANSITIONS, type AgentStatus } from './status.ts';

const KEEP = 10;

const { backing, gateway } = await gatewayForFile({ MESSAGE_RETENTION: String(KEEP) });

describe('an agent', () => {
  it('goes where the table says and nowhere else', async () => {
    const workspaceAgents = await Promise.all(AGENT_STATUSES.map(() => createAgent(gateway)));
    for (const [index, from] of AGENT_STATUSES.entries()) {
      const agent = workspaceAgents[index];
      if (agent === undefined) throw new Error('one agent per status was made');
      const put = (status: AgentStatus) =>
        query(backing.postgres.adminUrl, 'update agent_instances set status = $2 where id = $1', [agent.id, status]);
      for (const to of AGENT_STATUSES) {
        await put(from);
        const moved = await send(gateway, `PATCH /api/v1/agents/${agent.id}`, { headers: agent.headers, body: { status: to } });
        const legal = to === from || AGENT_TRANSITIONS[from].includes(to);
        const { body } = await send(gateway, `GET /api/v1/agents/${agent.id}`, agent);
        expect({ from, to, status: moved.status, now: body['status'] }).toEqual({
          from,
          to,
          status: legal ? 200 : 409,
          now: legal ? to : from,
        });
      }
    }
  });

  it('keeps every key of its config that writers at the same time set', async () => {
    const { id, headers } = await createAgent(gateway);
    const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
    await Promise.all(keys.map((key) => send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { config: { [key]: true } } })));
    const { body } = await send(gateway, `GET /api/v1/agents/${id}`, { headers });
    expect(Object.keys(body['config'] as Json).toSorted()).toEqual(keys.toSorted());
    expect(body['version']).toBe(keys.length + 1);
  });

  it('does not let its config grow without end, a part at a time', async () => {
    const { id, headers } = await createAgent(gateway);
    const add = (key: string) =>
      send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { name: key, config: { [key]: 'x'.repeat(50_000) } } });
    expect([(await add('a')).status, (await add('b')).status]).toEqual([200, 200]);
    expect(await add('c')).toMatchObject({ status: 422, body: { error: { code: 'validation_failed' } } });
    const { body } = await send(gateway, `GET /api/v1/agents/${id}`, { headers });
    expect([body['name'], Object.keys(body['config'] as Json)]).toEqual(['b', ['a', 'b']]);
    expect((await add('a')).status).toBe(200);
  });

  it('leaves a line in the audit log for each change', async () => {
    const agent = await createAgent(gateway);
    await send(gateway, `PATCH /api/v1/agents/${agent.id}`, { headers: agent.headers, body: { name: 'renamed', config: { secret: 1 } } });
    await send(gateway, `POST /api/v1/agents/${agent.id}/activate`, { headers: { ...agent.headers, 'x-request-id': 'audited' } });
    await send(gateway, `POST /api/v1/agents/${agent.id}/activate`, { headers: agent.headers });
    const { body } = await append(gateway, agent, 'hello');
    const { rows } = await query(
      backing.postgres.adminUrl,
      'select event_type, subject, details, request_id from audit_logs where workspace_id = $1 order by id',
      [agent.workspace],
    );
    expect(rows.map(({ event_type: type, subject }) => ({ type, subject }))).toEqual([
      { type: 'agent.created', subject: agent.id },
      { type: 'agent.updated', subject: agent.id },
      { type: 'agent.status_changed', subject: agent.id },
      { type: 'message.appended', subject: body['message_id'] },
    ]);
    expect(rows[1]?.['details']).toEqual({ changed: { name: true, config: ['secret'] } });
    expect(rows[2]).toMatchObject({ request_id: 'audited', details: { from: 'idle', to: 'active' } });
  });
});

describe('messages', () => {
  it('are found by direction and by correlation id', async () => {
    const { id, headers } = await createAgent(gateway);
    const say = (direction: string, correlated: string | undefined) =>
      send(gateway, `POST /api/v1/agents/${id}/messages`, { headers, body: { direction, payload: 'x', correlation_id: correlated } });
    for (const [direction, correlated] of [
      ['inbound', 'a'],
      ['outbound', 'a'],
      ['inbound', `b' or '1'='1`],
      ['system', undefined],
    ] as const)
      expect((await say(direction, correlated)).status).toBe(201);
    const positions = async (search: string) => {
      const { body } = await send(gateway, `GET /api/v1/agents/${id}/messages?${search}`, { headers });
      return (body['items'] as readonly Json[]).map(({ position }) => position);
    };
    expect(await positions('direction=inbound')).toEqual([3, 1]);
    expect(await positions('correlation_id=a')).toEqual([2, 1]);
    expect(await positions(`correlation_id=${encodeURIComponent(`b' or '1'='1`)}`)).toEqual([3]);
    expect(await positions('direction=outbound&correlation_id=a')).toEqual([2]);
  });

  it('take any JSON as payload but nothing', async () => {
    const { id, headers } = await createAgent(gateway);
    const statuses = await Promise.all(
      [1, 'text', true, [], {}, null, undefined].map(
        async (payload) =>
          (await send(gateway, `POST /api/v1/agents/${id}/messages`, { headers, body: { direction: 'inbound', payload } })).status,
      ),
    );
    expect(statuses).toEqual([201, 201, 201, 201, 201, 422, 422]);
  });

  it('beyond the newest that are kept go, and the numbering goes on', async () => {
    const [busy, quiet] = await Promise.all([createAgent(gateway), createAgent(gateway)]);
    await append(gateway, busy, 'v0', 'key-0');
    for (let index = 1; index < KEEP + 5; index++) await append(gateway, busy, `v${index}`);
    await append(gateway, quiet, 'stays');
    await until(async () => (await transcript(gateway, busy)).length === KEEP);
    expect(await transcript(gateway, busy)).toEqual(Array.from({ length: KEEP }, (_, index) => `v${index + 5}`));
    expect(await transcript(gateway, quiet)).toEqual(['stays']);
    const page = await send(gateway, `GET /api/v1/agents/${busy.id}/messages?limit=${KEEP}`, busy);
    expect(page.body['next_cursor']).toBe(null);
    expect(await append(gateway, busy, 'v0', 'key-0')).toMatchObject({ status: 201, body: { position: KEEP + 6 } });
  });
});
