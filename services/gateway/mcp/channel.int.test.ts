import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { append, createAgent, openSocket, send, type Json, type TestSocket } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';

const open: TestSocket[] = [];
const { backing, gateway } = await gatewayForFile();

afterEach(async () => {
  await Promise.all(
    open.splice(0).map((connection) => {
      connection.socket.close();
      return connection.closed();
    }),
  );
});

async function connect(query: string): Promise<TestSocket> {
  const connection = await openSocket(gateway, `/ws/mcp?${query}`);
  open.push(connection);
  return connection;
}

/** Sends one request and waits for its answer. */
async function call(connection: TestSocket, method: string, params?: unknown, id: unknown = randomUUID()): Promise<Json> {
  connection.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
  const answer = (): Json | undefined => connection.frames.find((frame) => 'id' in frame && frame['id'] === id);
  await until(async () => answer() !== undefined);
  return answer() ?? {};
}

describe('a connection', () => {
  it('is welcomed in the workspace that it names', async () => {
    const workspace = randomUUID();
    const connection = await connect(`agent_id=a&workspace_id=${workspace}`);
    await until(async () => connection.frames.length > 0);
    expect(connection.frames[0]).toMatchObject({
      jsonrpc: '2.0',
      method: 'welcome',
      params: { agent_id: 'a', workspace_id: workspace, protocol: 'muster-1', limits: { in_flight: 32 } },
    });
    const { result } = await call(connection, 'agent/info');
    expect(result).toMatchObject({ agent_id: 'a', workspace_id: workspace, in_flight: 1 });
  });

  it.each(['agent_id=', '', `agent_id=${'x'.repeat(65)}`, 'agent_id=a&workspace_id=none'])('is closed with 1003 for %j', async (query) => {
    expect(await (await connect(query)).closed()).toBe(1003);
  });
});

describe('the protocol', () => {
  it.each([
    ['{', null, -32700],
    ['[]', null, -32600],
    ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, -32600],
    ['{"jsonrpc":"1.0","id":5,"method":"ping"}', 5, -32600],
    ['{"jsonrpc":"2.0","id":6,"method":"no/such"}', 6, -32601],
    ['{"jsonrpc":"2.0","id":7,"method":"memory/store","params":{"content":5}}', 7, -32602],
    ['{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"none"}}', 8, -32602],
    ['{"jsonrpc":"2.0","id":9,"method":"tools/list","params":{"cursor":"x"}}', 9, -32602],
    ['{"jsonrpc":"2.0","id":10,"method":"resources/get","params":{"uri":"none"}}', 10, -32602],
    ['{"jsonrpc":"2.0","id":11,"method":"task/create","params":{"title":""}}', 11, -32602],
    ['{"jsonrpc":"2.0","id":12,"method":"workflow/execute","params":{"name":"w","tasks":[]}}', 12, -32602],
    ['{"jsonrpc":"2.0","id":13,"method":"execute_pattern","params":{"query":"???"}}', 13, -32602],
    ['{"jsonrpc":"2.0","id":14,"method":"events/subscribe"}', 14, -32602],
  ])('answers %s with id %j and code %i', async (frame, id, code) => {
    const connection = await connect('agent_id=a');
    connection.send(frame);
    await until(async () => connection.frames.some((received) => 'error' in received));
    expect(connection.frames.find((received) => 'error' in received)).toMatchObject({ id, error: { code } });
  });

  it.each([0, -1, 2 ** 53 - 1, 1.5, '0', ''])('gives the id %j back as it came', async (id) => {
    expect(await call(await connect('agent_id=a'), 'ping', {}, id)).toEqual({ jsonrpc: '2.0', id, result: {} });
  });

  it('never answers a notification', async () => {
    const connection = await connect('agent_id=a');
    for (const method of ['ping', 'no/such', 'execute_pattern', 'notifications/cancelled']) connection.send({ jsonrpc: '2.0', method });
    await call(connection, 'ping');
    expect(connection.frames.filter((frame) => !('method' in frame))).toHaveLength(1);
  });

  it('agrees on a revision', async () => {
    const connection = await connect('agent_id=a');
    expect(await call(connection, 'initialize', { protocolVersion: '2025-06-18' })).toMatchObject({
      result: { protocolVersion: '2025-06-18' },
    });
    expect(await call(connection, 'initialize', { protocolVersion: '1999-01-01' })).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
  });

  it('lets the fast overtake the slow, and refuses too many at once', async () => {
    const connection = await connect('agent_id=a');
    const ids = Array.from({ length: 40 }, (_, id) => id);
    for (const id of ids) {
      const params = { query: `question ${id}`, use_cache: false };
      connection.send({ jsonrpc: '2.0', id, method: 'execute_pattern', params });
    }
    const answers = (): readonly Json[] => connection.frames.filter((frame) => 'id' in frame);
    await until(async () => answers().length === ids.length);
    const refused = answers().filter((frame) => 'error' in frame);
    expect(refused.map((frame) => frame['id'])).toEqual(ids.slice(32));
    expect(refused.every((frame) => (frame['error'] as Json)['code'] === -32003)).toBe(true);
  });

  it('does not answer what was cancelled, and goes on', async () => {
    const connection = await connect('agent_id=a');
    const params = { query: 'slow question', use_cache: false };
    connection.send({ jsonrpc: '2.0', id: 'slow', method: 'execute_pattern', params });
    connection.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow' } });
    connection.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'unknown' } });
    await call(connection, 'execute_pattern', { ...params, query: 'another question' });
    expect(connection.frames.some((frame) => frame['id'] === 'slow')).toBe(false);
    expect(await call(connection, 'agent/info')).toMatchObject({ result: { in_flight: 1 } });
  });
});

describe('its methods', () => {
  it('keep memories, tasks and workflows in the workspace of the connection', async () => {
    const workspace = randomUUID();
    const mine = await connect(`agent_id=a&workspace_id=${workspace}`);
    const theirs = await connect(`agent_id=a&workspace_id=${randomUUID()}`);
    expect(await call(mine, 'memory/store', { content: 'yellow submarines dive', access: 'team' })).toMatchObject({
      result: { owner: 'a' },
    });
    expect(await call(mine, 'memory/search', { query: 'submarines' })).toMatchObject({
      result: { items: [{ content: 'yellow submarines dive' }], plan: expect.stringMatching(/^(index|seq)$/) as string },
    });
    expect(await call(theirs, 'memory/search', { query: 'submarines' })).toMatchObject({ result: { items: [] } });
    expect(await call(mine, 'task/create', { title: 'dive' })).toMatchObject({ result: { workspace_id: workspace } });
    expect(await call(mine, 'task/list')).toMatchObject({ result: { items: [{ title: 'dive' }] } });
    expect(await call(theirs, 'task/list', { limit: 5 })).toMatchObject({ result: { items: [] } });
    const { body } = await send(gateway, 'GET /api/v1/tasks', { headers: { 'x-workspace-id': workspace } });
    expect(body['items']).toHaveLength(1);
  });

  it('start a workflow', async () => {
    const connection = await connect(`agent_id=a&workspace_id=${randomUUID()}`);
    const tasks = [{ id: 'one', name: 'One', capability: 'answer' }];
    const { result } = await call(connection, 'workflow/execute', { name: 'short', tasks });
    expect(result).toMatchObject({ name: 'short', tasks: [{ id: 'one' }] });
  });

  it('offer tools and resources', async () => {
    const connection = await connect('agent_id=a');
    const { result } = await call(connection, 'tools/list');
    expect((result as { tools: readonly Json[] }).tools.map((tool) => tool['name'])).toContain('create_task');
    expect(await call(connection, 'tools/call', { name: 'create_task', arguments: {} })).toMatchObject({ result: { isError: true } });
    expect(await call(connection, 'tools/call', { name: 'create_task', arguments: { title: 't' } })).toMatchObject({
      result: { isError: false, structuredContent: { title: 't' } },
    });
    expect(await call(connection, 'resources/list')).toMatchObject({ result: { resources: expect.any(Array) as unknown } });
    for (const method of ['resources/read', 'resources/get'])
      expect(JSON.stringify(await call(connection, method, { uri: 'muster://session' }))).toContain('agent_id');
  });
});

describe('events', () => {
  it('come after subscribing: of the own agent, or of the workspace, and of no other', async () => {
    const agent = await createAgent(gateway);
    const sibling = await createAgent(gateway, agent.workspace);
    const stranger = await createAgent(gateway);
    const own = await connect(`agent_id=${agent.id}&workspace_id=${agent.workspace}`);
    const all = await connect(`agent_id=watcher&workspace_id=${agent.workspace}`);
    const deaf = await connect(`agent_id=${agent.id}&workspace_id=${agent.workspace}`);
    expect(await call(own, 'events/subscribe')).toMatchObject({ result: { scope: 'agent' } });
    expect(await call(all, 'events/subscribe', { scope: 'workspace' })).toMatchObject({ result: { scope: 'workspace' } });
    await call(deaf, 'ping');
    await append(gateway, stranger, 'of another workspace');
    await append(gateway, sibling, 'of another agent');
    await append(gateway, agent, 'mine');
    const events = ({ frames }: TestSocket): readonly Json[] =>
      frames.filter((frame) => frame['method'] === 'event').map((frame) => frame['params'] as Json);
    await until(async () => events(own).length > 0 && events(all).length > 1);
    expect(events(own).map((event) => event['agent_id'])).toEqual([agent.id]);
    expect(events(all).map((event) => event['agent_id'])).toEqual([sibling.id, agent.id]);
    expect(events(deaf)).toEqual([]);
    await call(all, 'events/unsubscribe');
    await append(gateway, agent, 'later');
    await until(async () => events(own).length === 2);
    expect(events(all)).toHaveLength(2);
  });
});

describe('a subscription from a number on', () => {
  it('brings what was before it, each event once, and goes on from there', async () => {
    const agent = await createAgent(gateway);
    for (const value of ['one', 'two', 'three']) await append(gateway, agent, value);
    const connection = await connect(`agent_id=${agent.id}&workspace_id=${agent.workspace}`);
    expect(await call(connection, 'events/subscribe', { scope: 'workspace', since_seq: 0 })).toMatchObject({ result: { after_seq: 0 } });
    await append(gateway, agent, 'four');
    const seqs = (): readonly unknown[] =>
      connection.frames.filter((frame) => frame['method'] === 'event').map((frame) => (frame['params'] as Json)['seq']);
    await until(async () => seqs().length >= 5);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is refused when there is no such event yet', async () => {
    const agent = await createAgent(gateway);
    const connection = await connect(`agent_id=${agent.id}&workspace_id=${agent.workspace}`);
    expect(await call(connection, 'events/subscribe', { since_seq: 1000 })).toMatchObject({ error: { code: -32602 } });
  });
});

it('says what is away', async () => {
  const connection = await connect('agent_id=a');
  await backing.postgres.stop();
  expect(await call(connection, 'task/list')).toMatchObject({ error: { code: -32002 } });
  await backing.postgres.start();
  await until(async () => (await send(gateway, 'GET /health/ready')).status === 200);
});
