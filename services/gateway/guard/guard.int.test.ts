import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createAgent, openSocket, send, type Json } from '../../testing/client.ts';
import { backingForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { onRedis, query } from '../../testing/stores.ts';

const API_KEY_ADMIN = `admin-${randomUUID()}`;
/** What begins late in a turn is refused before it is looked at; that is not what these are about. */
const PATIENT = { REQUESTS_BEHIND_MS: '5000' };
const admin = { 'x-api-key': API_KEY_ADMIN };

/** Status of a GET with the first key from one of the addresses of loopback. */
async function statusFrom(gateway: Gateway, localAddress: string, path: string): Promise<number> {
  const outgoing = request(`${gateway.url}${path}`, { localAddress, headers: admin, agent: false });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  return incoming.statusCode ?? 0;
}

const backing = await backingForFile();

describe('with keys required', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startTestGateway(backing, [], { AUTH: 'on', API_KEY_ADMIN, ...PATIENT });
  });
  afterAll(() => gateway.stop());

  const makeKey = async (workspaceId?: string) => {
    const body = { name: randomUUID(), ...(workspaceId === undefined ? {} : { workspace_id: workspaceId }) };
    const made = await send(gateway, 'POST /api/v1/api-keys', { headers: admin, body });
    expect(made.status).toBe(201);
    return { id: String(made.body['id']), key: String(made.body['key']), name: body.name };
  };

  it.each(['/health', '/health/live', '/health/ready', '/version', '/openapi.json'])('answers %s without a key', async (path) => {
    expect((await send(gateway, `GET ${path}`)).status).toBe(200);
  });

  it('answers nothing else without a key: every endpoint of the document', async () => {
    const { body } = await send(gateway, 'GET /openapi.json');
    const paths = body['paths'] as Readonly<Record<string, Readonly<Record<string, { readonly security: readonly unknown[] }>>>>;
    const open: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, row] of Object.entries(methods)) {
        const url = `${gateway.url}${path.replaceAll(/\{\w+\}/g, randomUUID())}`;
        const response = await fetch(url, { method: method.toUpperCase() });
        await response.text();
        if (response.status !== 401) open.push(path);
        expect(row.security.length === 0, path).toBe(response.status !== 401);
      }
    }
    expect(new Set(open)).toEqual(new Set(['/health', '/health/live', '/health/ready', '/version', '/openapi.json', '/asyncapi.json']));
  });

  it('says how to come in', async () => {
    const response = await fetch(`${gateway.url}/api/v1/agents`);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
  });

  it('knows the first key, in both headers', async () => {
    expect((await send(gateway, 'GET /api/v1/agents', { headers: admin })).status).toBe(200);
    const bearer = { authorization: `Bearer ${API_KEY_ADMIN}` };
    expect((await send(gateway, 'GET /api/v1/agents', { headers: bearer })).status).toBe(200);
  });

  it('shows a key once, and stores only its hash', async () => {
    const { key, name } = await makeKey();
    const { body } = await send(gateway, 'GET /api/v1/api-keys', { headers: admin });
    expect(JSON.stringify(body)).toContain(name);
    expect(JSON.stringify(body)).not.toContain(key);
    const { rows } = await query(backing.postgres.adminUrl, `select api_keys::text as row from api_keys where name = $1`, [name]);
    expect(String(rows[0]?.['row'])).not.toContain(key);
  });

  it('keeps a key of one workspace out of the others, and notes the attempt', async () => {
    const workspace = randomUUID();
    const { key } = await makeKey(workspace);
    const own = { 'x-api-key': key };
    expect((await send(gateway, 'POST /api/v1/agents', { headers: own, body: { definition_slug: 'analyst' } })).body['workspace_id']).toBe(
      workspace,
    );
    const elsewhere = { ...own, 'x-workspace-id': randomUUID() };
    expect((await send(gateway, 'GET /api/v1/agents', { headers: elsewhere })).status).toBe(403);
    expect((await send(gateway, 'GET /api/v1/api-keys', { headers: own })).status).toBe(403);
    const seen = async () =>
      (await send(gateway, 'GET /api/v1/security-events', { headers: own })).body['items'] as { event_type: string }[];
    await until(async () => (await seen()).length >= 2);
    expect(new Set((await seen()).map((event) => event.event_type))).toEqual(new Set(['forbidden']));
  });

  it('names the key in the audit log', async () => {
    const workspace = randomUUID();
    const { key, name } = await makeKey(workspace);
    await send(gateway, 'POST /api/v1/agents', { headers: { 'x-api-key': key }, body: { definition_slug: 'analyst' } });
    const { body } = await send(gateway, 'GET /api/v1/audit', { headers: { 'x-api-key': key } });
    expect(body['items']).toMatchObject([
      { event_type: 'agent.created', actor: name, workspace_id: workspace },
      { event_type: 'api_key.created' },
    ]);
  });

  it('refuses a revoked key within 5 s', async () => {
    const { id, key } = await makeKey();
    const status = async () => (await send(gateway, 'GET /api/v1/agents', { headers: { 'x-api-key': key } })).status;
    expect(await status()).toBe(200);
    expect((await send(gateway, `DELETE /api/v1/api-keys/${id}`, { headers: admin })).status).toBe(200);
    const startedAtMs = performance.now();
    await until(async () => (await status()) === 401);
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });

  it('refuses a second valid key with the name of another, and to revoke the first one', async () => {
    const { name } = await makeKey();
    expect(await send(gateway, 'POST /api/v1/api-keys', { headers: admin, body: { name } })).toMatchObject({
      status: 409,
      body: { error: { code: 'already_exists' } },
    });
    const { body } = await send(gateway, 'GET /api/v1/api-keys', { headers: admin });
    const first = (body['items'] as { id: string; admin: boolean }[]).find((key) => key.admin);
    expect((await send(gateway, `DELETE /api/v1/api-keys/${String(first?.id)}`, { headers: admin })).status).toBe(403);
  });

  it('writes a flood of failures as a few rows', async () => {
    const { rows: before } = await query(backing.postgres.adminUrl, 'select count(*)::int as rows from security_events');
    for (let round = 0; round < 6; round++) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          send(gateway, 'GET /api/v1/agents', { headers: { 'x-api-key': `wrong-wrong-wrong-${index}` } }),
        ),
      );
    }
    const total = async () =>
      Number(
        (
          await query(
            backing.postgres.adminUrl,
            `select coalesce(sum(occurrences), 0)::int as n from security_events where event_type = 'authentication_failed' and reason like '%not known%'`,
          )
        ).rows[0]?.['n'],
      );
    await until(async () => (await total()) >= 300);
    const { rows: after } = await query(backing.postgres.adminUrl, 'select count(*)::int as rows from security_events');
    expect(Number(after[0]?.['rows']) - Number(before[0]?.['rows'])).toBeLessThan(20);
  });

  it('wants a key for a WebSocket too', async () => {
    const refused = new WebSocket(`${gateway.wsUrl}/ws/mcp?agent_id=a`);
    const [error] = (await once(refused, 'error')) as [Error];
    expect(error.message).toContain('401');
    const open = new WebSocket(`${gateway.wsUrl}/ws/mcp?agent_id=a`, { headers: admin });
    await once(open, 'open');
    open.close();
  });
});

describe('without keys', () => {
  it('lets everybody in, and nobody manage keys', async () => {
    const gateway = await startTestGateway(backing);
    const agent = await createAgent(gateway);
    expect((await send(gateway, 'POST /api/v1/api-keys', { body: { name: 'mine' } })).status).toBe(403);
    const socket = await openSocket(gateway, '/ws/mcp?agent_id=b');
    socket.socket.close();
    expect((await send(gateway, `GET /api/v1/agents/${agent.id}`, agent)).status).toBe(200);
    await gateway.stop();
  });
});

describe('rate limits', () => {
  /** So little comes after that the burst alone passes, however long a slow machine takes for all of them. */
  const LIMITS = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '10' };
  const ask = (gateway: Gateway, times: number, path = 'GET /version') =>
    Promise.all(Array.from({ length: times }, () => send(gateway, path)));
  const passed = (answers: readonly { readonly status: number }[]) => answers.filter(({ status }) => status === 200).length;

  it('refuses more than an address may send, says when to come again, and answers probes all the same', async () => {
    const gateway = await startTestGateway(backing, [], LIMITS);
    const answers = await ask(gateway, 40);
    expect(passed(answers)).toBeGreaterThanOrEqual(10);
    expect(passed(answers)).toBeLessThan(20);
    const refused = await fetch(`${gateway.url}/version`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited', retry_after_ms: expect.any(Number) as number } });
    expect((await ask(gateway, 5, 'GET /health/live')).every(({ status }) => status === 200)).toBe(true);
    await gateway.stop();
    const { rows } = await query(backing.postgres.adminUrl, `select occurrences from security_events where event_type = 'rate_limited'`);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(5);
  });

  it('is one limit for all instances', async () => {
    await backing.redis.flush();
    const slow = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '20' };
    const [one, two] = await Promise.all([startTestGateway(backing, [], slow), startTestGateway(backing, [], slow)]);
    const shared = () => onRedis(backing.redis.url, (redis) => redis.hgetall('rl:address:127.0.0.1'));
    expect(passed(await ask(one, 40))).toBeGreaterThanOrEqual(20);
    await until(async () => Number((await shared())['tokens'] ?? 20) < 3);
    const { at } = await shared();
    await send(two, 'GET /version');
    await until(async () => (await shared())['at'] !== at);
    await send(two, 'GET /health/live');
    expect(passed(await ask(two, 20))).toBeLessThan(10);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('limits also while Redis is away', async () => {
    const gateway = await startTestGateway(backing, [], LIMITS);
    await backing.redis.stop();
    expect(passed(await ask(gateway, 40))).toBeLessThan(20);
    await backing.redis.start();
    await gateway.stop();
  });

  it('leaves other addresses alone, and counts a key wherever it comes from', async () => {
    await backing.redis.flush();
    const gateway = await startTestGateway(backing, [], { ...LIMITS, AUTH: 'on', API_KEY_ADMIN });
    const from = (localAddress: string, path: string) => statusFrom(gateway, localAddress, path);
    const flood = await Promise.all(Array.from({ length: 30 }, () => from('127.0.0.5', '/version')));
    expect(flood).toContain(429);
    expect(await from('127.0.0.6', '/version')).toBe(200);
    const spread = await Promise.all(Array.from({ length: 30 }, (_, index) => from(`127.0.1.${index + 1}`, '/api/v1/agents')));
    expect(spread.filter((status) => status === 200).length).toBeLessThan(20);
    expect(spread).toContain(429);
    await gateway.stop();
  });
});

describe('the audit log', () => {
  it('is paged newest first, by workspace, since a time', async () => {
    const gateway = await startTestGateway(backing);
    const workspace = randomUUID();
    const headers = { 'x-workspace-id': workspace };
    for (let index = 0; index < 5; index++) await createAgent(gateway, workspace);
    const page = async (search: string) => (await send(gateway, `GET /api/v1/audit?limit=2${search}`, { headers })).body;
    const subjects: unknown[] = [];
    let cursor: string | null = null;
    do {
      const body: Json = await page(cursor === null ? '' : `&cursor=${cursor}`);
      subjects.push(...(body['items'] as { subject: string }[]).map(({ subject }) => subject));
      cursor = body['next_cursor'] as string | null;
    } while (cursor !== null);
    expect(new Set(subjects).size).toBe(5);
    expect(subjects).toHaveLength(5);
    expect((await page(`&since=${new Date(Date.now() + 60_000).toISOString()}`))['items']).toEqual([]);
    expect((await send(gateway, 'GET /api/v1/audit?since=yesterday', { headers })).status).toBe(422);
    await gateway.stop();
  });

  it('forgets what is older than it has to be kept', async () => {
    const { adminUrl } = backing.postgres;
    await query(
      adminUrl,
      `insert into audit_logs (event_type, actor, at) select 'old', 'x', now() - interval '91 days' from generate_series(1, 2500)`,
    );
    await query(adminUrl, `insert into audit_logs (event_type, actor, at) values ('young', 'x', now() - interval '89 days')`);
    await query(adminUrl, `insert into security_events (event_type, reason, at) values ('old', 'x', now() - interval '91 days')`);
    const gateway = await startTestGateway(backing);
    const left = async () =>
      (
        await query(
          adminUrl,
          `select event_type from audit_logs where actor = 'x' union all select event_type from security_events where reason = 'x'`,
        )
      ).rows;
    await until(async () => (await left()).length === 1);
    expect(await left()).toEqual([{ event_type: 'young' }]);
    await gateway.stop();
  });
});
