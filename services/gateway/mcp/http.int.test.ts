import { randomUUID } from 'node:crypto';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { initialization, initializeMcp, LEGACY, postMcp } from '../../testing/mcp.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';

const MODERN = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const MODERN_HEADERS = { 'mcp-protocol-version': MODERN };

const { backing, gateway } = await gatewayForFile({ MCP_SESSIONS: '40', MCP_SESSION_IDLE_MS: '60000' });

type Negotiation = 'legacy' | 'auto' | { readonly pin: string };

async function connect(mode: Negotiation, workspace: string, to: Gateway = gateway): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${to.url}/mcp`), { requestInit: { headers: { 'x-workspace-id': workspace } } }),
  );
  return client;
}

function structured(result: unknown): Readonly<Record<string, unknown>> {
  return (result as { readonly structuredContent: Readonly<Record<string, unknown>> }).structuredContent;
}

describe.each<[string, Negotiation]>([
  ['legacy', 'legacy'],
  ['auto', 'auto'],
  ['pinned', { pin: MODERN }],
])('the official client, %s', (_, mode) => {
  it('lists the tools, and their schemas compile', async () => {
    const client = await connect(mode, randomUUID());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['store_memory', 'search_memories', 'create_task', 'execute_pattern']);
    const ajv = new Ajv2020({ strict: true, strictTuples: false });
    for (const { inputSchema } of tools) expect(ajv.compile(inputSchema)({})).toBe(false);
    await client.close();
  });

  it('calls tools and reads resources', async () => {
    const workspace = randomUUID();
    const client = await connect(mode, workspace);
    const stored = await client.callTool({ name: 'store_memory', arguments: { content: 'green bicycles are fast', access: 'team' } });
    expect(stored.isError).toBe(false);
    const found = await client.callTool({ name: 'search_memories', arguments: { query: 'fast bicycles' } });
    expect(structured(found)['items']).toEqual([expect.objectContaining({ content: 'green bicycles are fast' })]);
    const task = await client.callTool({ name: 'create_task', arguments: { title: 'ride' } });
    expect(structured(task)).toMatchObject({ title: 'ride', workspace_id: workspace });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('muster://memories');
    const { contents } = await client.readResource({ uri: 'muster://memories' });
    expect(JSON.stringify(contents)).toContain('green bicycles are fast');
    await client.close();
  });

  it('tells a failed tool from a wrong call', async () => {
    const client = await connect(mode, randomUUID());
    const refused = await client.callTool({ name: 'execute_pattern', arguments: { query: '???' } });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('no_match') as string }] });
    const invalid = await client.callTool({ name: 'create_task', arguments: { title: 5 } });
    expect(invalid).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('validation_failed') as string }] });
    await expect(client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toMatchObject({ code: -32602 });
    await expect(client.readResource({ uri: 'muster://none' })).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  it('keeps sessions apart: all ask at once, each gets its own', async () => {
    const clients = await Promise.all(
      Array.from({ length: 6 }, async (_unused, index) => ({ canary: `canary${index}x`, client: await connect(mode, randomUUID()) })),
    );
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        clients.map(async ({ client, canary }) => {
          const args = { query: `what is ${canary}`, use_cache: false };
          const [executed, session] = await Promise.all([
            client.callTool({ name: 'execute_pattern', arguments: args }),
            client.readResource({ uri: 'muster://session' }),
          ]);
          return JSON.stringify([executed, session]);
        }),
      );
      for (const [index, answer] of answers.entries()) {
        expect(clients.filter(({ canary }) => answer.includes(canary)).map(({ canary }) => canary)).toEqual([`canary${index}x`]);
      }
    }
    await Promise.all(clients.map(({ client }) => client.close()));
  });
});

describe('sessions of the older revisions', () => {
  const list = { jsonrpc: '2.0', id: 0, method: 'tools/list' };

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])('speaks %s', async (version) => {
    const answer = await postMcp(gateway, initialization(version));
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'init', result: { protocolVersion: version } });
  });

  it('offers its own to a client of an unknown revision', async () => {
    const answer = await postMcp(gateway, initialization('1999-01-01'));
    expect(JSON.parse(answer.text)).toMatchObject({ result: { protocolVersion: LEGACY } });
  });

  it('needs a session, and knows which are over', async () => {
    expect((await postMcp(gateway, list)).status).toBe(400);
    expect((await postMcp(gateway, list, { 'mcp-session-id': randomUUID() })).status).toBe(404);
    const session = await initializeMcp(gateway);
    const listed = await postMcp(gateway, list, session);
    expect(JSON.parse(listed.text)).toMatchObject({ id: 0, result: { tools: expect.any(Array) as unknown } });
    const ended = await fetch(`${gateway.url}/mcp`, { method: 'DELETE', headers: session });
    expect(ended.status).toBe(200);
    expect((await postMcp(gateway, list, session)).status).toBe(404);
  });

  it('does not lend a session to another workspace', async () => {
    const session = await initializeMcp(gateway, { 'x-workspace-id': randomUUID() });
    expect((await postMcp(gateway, list, { ...session, 'x-workspace-id': randomUUID() })).status).toBe(404);
    expect((await postMcp(gateway, list, session)).status).toBe(200);
  });

  it('has no stream to listen to, and answers no notification', async () => {
    const session = await initializeMcp(gateway);
    const stream = await fetch(`${gateway.url}/mcp`, { headers: { ...session, accept: 'text/event-stream' } });
    expect(stream.status).toBe(405);
    const notified = await postMcp(gateway, { jsonrpc: '2.0', method: 'notifications/none' }, session);
    expect([notified.status, notified.text]).toEqual([202, '']);
  });

  it('answers each request once: none with the id of another, none for a second initialization', async () => {
    const session = await initializeMcp(gateway);
    const slow = {
      jsonrpc: '2.0',
      id: 'same',
      method: 'tools/call',
      params: { name: 'execute_pattern', arguments: { query: randomUUID() } },
    };
    const statuses = (await Promise.all([postMcp(gateway, slow, session), postMcp(gateway, slow, session)])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400]);
    expect((await postMcp(gateway, slow, session)).status).toBe(200);
    expect((await postMcp(gateway, initialization(), session)).status).toBe(400);
  });

  it('answers also who cancels', async () => {
    const session = await initializeMcp(gateway);
    const asked = {
      jsonrpc: '2.0',
      id: 'meant',
      method: 'tools/call',
      params: { name: 'execute_pattern', arguments: { query: randomUUID() } },
    };
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'meant' } };
    const [answer, cancelled] = await Promise.all([postMcp(gateway, asked, session), postMcp(gateway, cancel, session)]);
    expect([answer.status, cancelled.status]).toEqual([200, 202]);
  });

  it('refuses a revision that it does not know in the header', async () => {
    const session = await initializeMcp(gateway);
    expect((await postMcp(gateway, list, { ...session, 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
  });

  it.each([0, -1, 2 ** 53 - 1, 'text', ''])('gives the id %j back as it came', async (id) => {
    const session = await initializeMcp(gateway);
    expect(JSON.parse((await postMcp(gateway, { ...list, id }, session)).text)).toMatchObject({ id });
  });

  it('ends a session that nobody uses, and opens no more than it may', async () => {
    const small = await startTestGateway(backing, [], { MCP_SESSIONS: '2', MCP_SESSION_IDLE_MS: '300' });
    const [first] = await Promise.all([initializeMcp(small), initializeMcp(small)]);
    expect((await postMcp(small, initialization())).status).toBe(503);
    await until(async () => (await postMcp(small, initialization())).status === 200);
    expect((await postMcp(small, list, first)).status).toBe(404);
    await small.stop();
  });
});

describe('the revision of 2026-07-28', () => {
  const request = (method: string, params: object = {}): unknown => ({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } });
  const post = (method: string, params?: object, headers: Readonly<Record<string, string>> = {}) =>
    postMcp(gateway, request(method, params), { ...MODERN_HEADERS, 'mcp-method': method, ...headers });

  it('can be discovered', async () => {
    const { status, text } = await post('server/discover');
    expect([status, JSON.parse(text)]).toMatchObject([200, { result: { supportedVersions: [MODERN] } }]);
  });

  it('has no session', async () => {
    const { status, headers } = await post('tools/list');
    expect([status, headers.get('mcp-session-id')]).toEqual([200, null]);
  });

  it.each([
    ['another version in the header than in the request', { 'mcp-protocol-version': '2025-11-25' }, -32020],
    ['another method in the header than in the request', { 'mcp-method': 'tools/call' }, -32020],
  ])('refuses %s', async (_, headers, code) => {
    const { status, text } = await post('tools/list', {}, headers);
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code } }]);
  });

  it('names what it speaks to a client of a revision to come', async () => {
    const meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } };
    const { status, text } = await postMcp(gateway, body, { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' });
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: -32022, data: { requested: '2099-01-01' } } }]);
  });

  it.each(['ping', 'logging/setLevel', 'no/such'])('does not know %s', async (method) => {
    expect(JSON.parse((await post(method)).text)).toMatchObject({ error: { code: -32601 } });
  });
});

describe('what is no request', () => {
  it.each([
    ['a body that is no JSON', '{"jsonrpc"', {}, 400, -32700],
    ['another kind of body', '{}', { 'content-type': 'text/plain' }, 415, -32000],
    ['a page of somebody else', '{}', { origin: 'https://evil.example.com' }, 403, -32000],
    ['text that cannot be stored', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\\u0000"}}', {}, 400, -32600],
  ])('refuses %s', async (_, body, headers, status, code) => {
    const answer = await postMcp(gateway, body, headers);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { error: { code } }]);
  });

  it('refuses batches in a session of a revision without them', async () => {
    const session = await initializeMcp(gateway);
    const one = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { status, text } = await postMcp(gateway, [one, { ...one, id: 2 }], session);
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: -32600 } }]);
  });

  it('answers a batch in the one revision that has them', async () => {
    const session = await initializeMcp(gateway, {}, '2025-03-26');
    const one = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const { status, text } = await postMcp(gateway, [one, { ...one, id: '1' }], session);
    expect([status, (JSON.parse(text) as unknown[]).length]).toEqual([200, 2]);
    expect((await postMcp(gateway, [], session)).status).toBe(400);
    expect(
      (
        await postMcp(
          gateway,
          Array.from({ length: 33 }, (_, id) => ({ ...one, id })),
          session,
        )
      ).status,
    ).toBe(429);
  });

  it('takes a page of this machine, and no body above the limit', async () => {
    expect((await postMcp(gateway, initialization(), { origin: 'http://localhost:3000' })).status).toBe(200);
    expect((await postMcp(gateway, JSON.stringify({ padding: 'x'.repeat(70_000) }))).status).toBe(413);
  });
});

it('wants a key when keys are required, and keeps sessions to their keys', async () => {
  const closed = await startTestGateway(backing, [], { AUTH: 'on', API_KEY_ADMIN: 'k'.repeat(40) });
  expect((await postMcp(closed, initialization())).status).toBe(401);
  const session = await initializeMcp(closed, { 'x-api-key': 'k'.repeat(40) });
  const list = { jsonrpc: '2.0', id: 0, method: 'tools/list' };
  expect((await postMcp(closed, list, session)).status).toBe(200);
  await closed.stop();
});
