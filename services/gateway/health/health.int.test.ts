import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../shared/http-app.ts';
import { listen } from '../../shared/serve.ts';
import { createAgent, send } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { HOST, until } from '../../testing/stack.ts';

const { backing, gateway } = await gatewayForFile();

const port = () => Number(new URL(gateway.url).port);

/** What comes back for these bytes, until the other side ends or `until` is in it. */
async function raw(bytes: string, to = port()): Promise<string> {
  const socket = connect(to, HOST);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close', { signal: AbortSignal.timeout(8000) });
  return text;
}

describe('health', () => {
  it('was asked at most 2 s ago, again and again', async () => {
    for (let index = 0; index < 20; index++) {
      const askedAt = Date.now();
      const { body } = await send(gateway, 'GET /health');
      const components = Object.values(body['components'] as Readonly<Record<string, { readonly checked_at: string }>>);
      for (const { checked_at: at } of components) expect(askedAt - Date.parse(at)).toBeLessThan(2000);
    }
  });

  it('tells live from ready when the database goes, and is ready again when it is back', async () => {
    await backing.postgres.stop();
    await until(async () => (await send(gateway, 'GET /health/ready')).status === 503);
    expect((await send(gateway, 'GET /health/live')).status).toBe(200);
    await until(async () => (await send(gateway, 'GET /health')).status === 503);
    expect(await send(gateway, 'GET /api/v1/stats')).toMatchObject({ status: 200, body: { tokens: null } });
    await backing.postgres.start();
    await until(async () => (await send(gateway, 'GET /health/ready')).status === 200);
  });

  it('counts what the pool does', async () => {
    const { body } = await send(gateway, 'GET /api/v1/stats');
    expect(body['pool']).toMatchObject({ max: 20, acquire_p95_ms: expect.any(Number) as number, max_seen: expect.any(Number) as number });
  });
});

describe('metrics', () => {
  it('names routes by their template and never by a path', async () => {
    const agent = await createAgent(gateway);
    await send(gateway, `GET /api/v1/agents/${agent.id}`, agent);
    await send(gateway, 'GET /nowhere/at/all');
    const response = await fetch(`${gateway.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/gateway_http_requests_total\{method="GET",route="\/api\/v1\/agents\/\{id\}",status="200"\} [1-9]/);
    expect(text).toMatch(/gateway_http_requests_total\{method="GET",route="none",status="404"\} [1-9]/);
    expect(text).not.toContain(agent.id);
    expect(text).not.toContain('nowhere');
    for (const name of [
      'pool_acquire_seconds_count',
      'pool_in_use',
      'breaker_state',
      'ws_connections',
      'outbox_lag_seconds',
      'stream_pending',
    ]) {
      expect(text, name).toMatch(new RegExp(`^gateway_${name}.* \\d`, 'm'));
    }
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  });

  it('leaves out what it cannot read', async () => {
    await backing.redis.stop();
    const scrape = async () => (await fetch(`${gateway.url}/metrics`)).text();
    await until(async () => !/^gateway_stream_pending \d/m.test(await scrape()));
    expect(await scrape()).toContain('# TYPE gateway_stream_pending gauge');
    await backing.redis.start();
  });
});

describe('hostile requests', () => {
  const request = (head: string, body = '') => raw(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n${body}`);

  it.each([
    ['percent signs that mean nothing', 'GET /api/v1/agents/%zz HTTP/1.1', 404],
    ['half a character', 'GET /api/v1/agents/%c3 HTTP/1.1', 404],
    ['NUL in the path', 'GET /api/v1/agents/%00 HTTP/1.1', 404],
    ['NUL in the query', 'GET /api/v1/audit?since=%00 HTTP/1.1', 422],
    ['a broken query', 'GET /api/v1/audit?%=%&&==&limit=%zz HTTP/1.1', 422],
    ['a parameter twice', 'GET /api/v1/audit?limit=1&limit=2 HTTP/1.1', 200],
    ['two slashes', 'GET //api/v1/agents HTTP/1.1', 404],
    ['dots', 'GET /api/v1/agents/../../etc/passwd HTTP/1.1', 404],
    ['a query longer than a header may be', `GET /version?${'q'.repeat(20_000)} HTTP/1.1`, 431],
    ['an address as target', 'GET http://elsewhere/version HTTP/1.1', 200],
    ['a method that is none', 'NONSENSE /version HTTP/1.1', 400],
    ['another method', 'PURGE /version HTTP/1.1', 405],
    ['TRACE', 'TRACE /version HTTP/1.1', 405],
    ['two lengths', 'POST /api/v1/agents HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3', 400],
    ['a length and chunks', 'POST /api/v1/agents HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', 400],
    ['a length below zero', 'POST /api/v1/agents HTTP/1.1\r\nContent-Length: -1', 400],
    ['a header with a line break', 'GET /version HTTP/1.1\r\nX-Request-Id: a\rb', 400],
  ])('answers %s without falling over', async (_, head, status) => {
    expect(await request(head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await send(gateway, 'GET /health/live')).status).toBe(200);
  });

  it('echoes a request id only when it is well formed', async () => {
    const echoed = async (id: string) =>
      (await fetch(`${gateway.url}/version`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await echoed('mine-1')).toBe('mine-1');
    expect(await echoed('<script>')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await echoed('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers HEAD as GET without a body, and OPTIONS with what is allowed', async () => {
    const head = await fetch(`${gateway.url}/version`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await fetch(`${gateway.url}/api/v1/agents`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, POST']);
    expect(head.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('gives a request that never ends 408 and closes', async () => {
    const app = createApp({ info: () => undefined, warn: () => undefined, error: () => undefined });
    app.post('/', async (context) => context.text(await context.req.text()));
    const http = await listen(app, { host: HOST, port: 0 }, { requestTimeoutMs: 200 });
    const answer = await raw('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', http.port);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    await http.close(100);
  });
});
