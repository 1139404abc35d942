import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { append, createAgent, openSocket, send, transcript } from '../testing/client.ts';
import { gatewayForFile } from '../testing/file-stack.ts';
import { until } from '../testing/stack.ts';
import { query } from '../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

const statusIs = (wanted: string) => async () => (await send(gateway, 'GET /health')).body['status'] === wanted;
const execute = (body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describe('agents', () => {
  it('lets exactly one of two conflicting moves win', async () => {
    const { id, headers } = await createAgent(gateway);
    const move = (status: string) => send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status } });
    await move('initializing');
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => move('active')),
      ...Array.from({ length: 5 }, () => move('error')),
    ]);
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select data->>'previous_status' as "from", data->>'status' as "to" from outbox where agent_id = $1 and topic = 'agent_status_changed' order by seq`,
      [id],
    );
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    for (const [index, { from }] of rows.entries()) expect(from).toBe(index === 0 ? 'idle' : rows[index - 1]?.['to']);
    const { body } = await send(gateway, `GET /api/v1/agents/${id}`, { headers });
    expect(body['status']).toBe(rows.at(-1)?.['to']);
  });

  it('refuses the eleventh agent of a project, also when all come at once', async () => {
    const headers = { 'x-workspace-id': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 14 }, () => send(gateway, 'POST /api/v1/agents', { headers, body: { definition_slug: 'analyst' } })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
  });

  it('shows nothing of an agent to another workspace', async () => {
    const agent = await createAgent(gateway);
    const stranger = { ...agent, headers: { 'x-workspace-id': randomUUID() } };
    expect((await append(gateway, stranger, 'x')).status).toBe(404);
    expect((await send(gateway, `GET /api/v1/agents/${agent.id}/transcript`, { headers: stranger.headers })).status).toBe(404);
  });
});

describe('messages', () => {
  it('stores one message per idempotency key and answers with it every time', async () => {
    const agent = await createAgent(gateway);
    const answers = await Promise.all(Array.from({ length: 5 }, () => append(gateway, agent, 'once', 'key-1')));
    expect(new Set(answers.map(({ body }) => body['message_id'])).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await transcript(gateway, agent)).toEqual(['once']);
    expect((await append(gateway, agent, 'another', 'key-1')).status).toBe(409);
  });

  it('pages newest first without a gap', async () => {
    const agent = await createAgent(gateway);
    for (const value of ['a', 'b', 'c']) await append(gateway, agent, value);
    const page = async (cursor: string) => (await send(gateway, `GET /api/v1/agents/${agent.id}/messages?limit=2${cursor}`, agent)).body;
    const first = await page('');
    const second = await page(`&cursor=${String(first['next_cursor'])}`);
    const positions = [first, second].flatMap((body) => (body['items'] as { position: number }[]).map(({ position }) => position));
    expect(positions).toEqual([3, 2, 1]);
    expect(second['next_cursor']).toBe(null);
  });
});

describe('operations', () => {
  const end = async (body: unknown) => {
    const created = await send(gateway, 'POST /operations', { body });
    const path = `GET /operations/${String(created.body['operation_id'])}`;
    await until(async () => ['completed', 'failed', 'escalating'].includes(String((await send(gateway, path)).body['status'])));
    return (await send(gateway, path)).body;
  };

  it('completes when the workers trust their results', async () => {
    const operation = await end({ operation_type: 'data_pipeline', parameters: { records: [{ id: 1, value: 2 }] } });
    expect(operation).toMatchObject({ status: 'completed', confidence_score: 1, result: { steps_executed: 3, steps_failed: 0 } });
  });

  it('waits for a person when confidence is low', async () => {
    const operation = await end({ operation_type: 'data_validation', parameters: { records: [{ id: 1, a: null, b: null }, { id: 1 }] } });
    expect(operation).toMatchObject({ status: 'escalating', requires_human: true });
    const { body } = await send(gateway, 'GET /escalations');
    expect((body['escalations'] as { operation_id: string }[]).map(({ operation_id: id }) => id)).toContain(operation['operation_id']);
  });

  it('fails, and says at which step, when a worker refuses', async () => {
    const operation = await end({ operation_type: 'custom', parameters: { steps: [{ worker: 'sunbiz', action: 'fly' }] } });
    expect(operation['status']).toBe('failed');
    expect(String(operation['error'])).toContain('sunbiz/fly');
  });

  it('books what the model used', async () => {
    const operation = await end({ operation_type: 'ai_inference', parameters: { text: 'count me' } });
    const usage = await send({ url: backing.meterUrl }, `GET /v1/usage?op=${String(operation['operation_id'])}`);
    expect(operation['token_usage']).toBe(usage.body['total_tokens']);
  });
});

describe('streams', () => {
  it('processes every message once and leaves nothing pending', async () => {
    const agent = `s-${randomUUID()}`;
    const sent = Array.from({ length: 30 }, (_, value) => value);
    const add = (value: number) =>
      send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'test', to_agent: agent, type: 'task', payload: { value } } });
    const answers = await Promise.all(sent.map(add));
    expect(answers.map(({ status }) => status)).toEqual(sent.map(() => 201));
    const processed = async () =>
      (await query(backing.postgres.adminUrl, `select (payload->>'value')::int as v from agent_stream_messages where agent = $1`, [agent]))
        .rows;
    await until(async () => (await processed()).length >= sent.length);
    expect((await processed()).map(({ v }) => Number(v)).toSorted((a, b) => a - b)).toEqual(sent);
    await until(async () => (await send(gateway, `GET /api/v1/streams/agent_messages:${agent}`)).body['pending'] === 0);
  });

  it('takes up what a consumer that died had read', async () => {
    const agent = `d-${randomUUID()}`;
    const stream = `agent_messages:${agent}`;
    const redis = new Redis(backing.redis.url);
    await redis.xgroup('CREATE', stream, `group_${agent}`, '0', 'MKSTREAM');
    await redis.xadd(stream, '*', 'message_id', randomUUID(), 'from_agent', 'x', 'type', 't', 'payload', '{"value":1}');
    await redis.xreadgroup('GROUP', `group_${agent}`, 'dead', 'STREAMS', stream, '>');
    await redis.xclaim(stream, `group_${agent}`, 'dead', 0, (await redis.xrange(stream, '-', '+'))[0]?.[0] ?? '', 'IDLE', 60_000);
    await redis.sadd('agent_streams', agent);
    await until(async () => Number((await redis.xpending(stream, `group_${agent}`))[0]) === 0);
    redis.disconnect();
    const { rows } = await query(backing.postgres.adminUrl, 'select from agent_stream_messages where agent = $1', [agent]);
    expect(rows).toHaveLength(1);
  });
});

describe('/ws/mcp', () => {
  it('answers malformed frames with the fitting code and lives on', async () => {
    const { frames, socket, send: say } = await openSocket(gateway, '/ws/mcp?agent_id=m1');
    say('{');
    say({ id: 1, method: 'ping' });
    say({ jsonrpc: '2.0', id: 'two', method: 'nothing' });
    say({ jsonrpc: '2.0', id: 3, method: 'execute_pattern', params: { query: 5 } });
    say({ jsonrpc: '2.0', method: 'ping' });
    say({ jsonrpc: '2.0', id: 4, method: 'ping' });
    await until(async () => frames.some(({ id }) => id === 4));
    await until(async () => frames.length === 6);
    const codes = new Map(frames.map(({ id, error }) => [id, (error as { code: number } | undefined)?.code]));
    expect(Object.fromEntries(codes)).toEqual({ undefined: undefined, null: -32700, 1: -32600, two: -32601, 3: -32602, 4: undefined });
    socket.close();
  });

  it('closes with 1003 for a bad id and 1008 for one connection too many', async () => {
    expect(await (await openSocket(gateway, '/ws/mcp?agent_id=a%20b')).closed()).toBe(1003);
    const ten = await Promise.all(Array.from({ length: 10 }, () => openSocket(gateway, '/ws/mcp?agent_id=many')));
    expect(await (await openSocket(gateway, '/ws/mcp?agent_id=many')).closed()).toBe(1008);
    for (const { socket } of ten) socket.close();
  });
});

describe('while a store is away', () => {
  it('answers without Redis, says so, and delivers events all the same', async () => {
    const agent = await createAgent(gateway);
    const { frames, socket } = await openSocket(gateway, `/ws/agents/stream?workspace_id=${agent.workspace}`);
    await backing.redis.stop();
    await until(statusIs('degraded'));
    const answer = await execute({ query: `status of ${randomUUID()}` });
    expect(answer).toMatchObject({ status: 200, body: { success: true, degraded: ['cache'] } });
    expect((await append(gateway, agent, 'without redis')).status).toBe(201);
    await until(async () => frames.length === 1);
    expect((await send(gateway, 'GET /health/ready')).status).toBe(200);
    const refused = await send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'a', to_agent: 'b', type: 't', payload: 1 } });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'dependency_unavailable' } } });
    await backing.redis.start();
    await until(statusIs('healthy'));
    await until(async () => (await query(backing.postgres.adminUrl, 'select from outbox where published_at is null')).rows.length === 0);
    socket.close();
  });

  it('loses no acknowledged message and no event when Postgres stops and comes back', async () => {
    const agent = await createAgent(gateway);
    const { frames, socket } = await openSocket(gateway, `/ws/agents/stream?workspace_id=${agent.workspace}&agent_id=${agent.id}`);
    const acknowledged: string[] = [];
    const say = async (value: string) => {
      const { status } = await append(gateway, agent, value);
      if (status === 201) acknowledged.push(value);
      return status;
    };
    for (const value of ['1', '2', '3']) await say(value);
    const stopping = backing.postgres.stop();
    const during = await Promise.all(Array.from({ length: 20 }, (_, index) => say(`during-${index}`)));
    await stopping;
    expect(await say('after')).toBe(503);
    expect(during.every((status) => status === 201 || status === 503)).toBe(true);
    await until(statusIs('unhealthy'));
    await backing.postgres.start();
    await until(async () => (await say('back')) === 201);
    const values = () => frames.map(({ data }) => (data as { message: { payload: { value: string } } }).message.payload.value);
    await until(async () => values().includes('back'));
    const stored = await transcript(gateway, agent);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
    expect(values()).toEqual(stored);
    socket.close();
  });
});
