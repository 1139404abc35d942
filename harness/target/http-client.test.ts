import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { json, type Loopback, type LoopbackHandlers, startLoopback, template } from './testing/loopback.ts';

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

async function pair(http: LoopbackHandlers['http'], timeoutMs = 5000): Promise<{ readonly server: Loopback; readonly client: HttpClient }> {
  const server = await startLoopback(http === undefined ? {} : { http });
  const client = createHttpClient({ urls: { api: server.url }, timeoutMs, userAgent: 'muster-test' });
  open.push(server, client);
  return { server, client };
}

describe('a request', () => {
  it('fills path, headers and body, and says who asks', async () => {
    const { server, client } = await pair((_, response) => json(response, 200, { ok: true }));
    const request = template('POST /things/${id}?q=${q}', { n: '${n}' }, { 'X-Agent': '${id}' });
    const answer = await client.request(request, { id: 'a/b', q: 'x y', n: 3 });
    expect(answer).toMatchObject({ status: 200, outcome: 'ok', error: null, json: { ok: true } });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/things/a%2Fb?q=x%20y', body: '{"n":3}' });
    expect(server.seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'muster-test', 'x-agent': 'a/b' });
  });

  it('keeps the path of the base URL and a content type of the binding', async () => {
    const { server, client: unused } = await pair((_, response) => json(response, 200, {}));
    expect(unused).toBeDefined();
    const client = createHttpClient({ urls: { api: `${server.url}/base/` }, timeoutMs: 5000, userAgent: 'x' });
    open.push(client);
    await client.request(template('POST /x', {}, { 'Content-Type': 'application/vnd.api+json' }), {});
    expect(server.seen[0]?.url).toBe('/base/x');
    expect(server.seen[0]?.headers['content-type']).toBe('application/vnd.api+json');
  });

  it('sends the user and password of the base URL, unless the binding has a header of its own', async () => {
    const { server } = await pair((_, response) => json(response, 200, {}));
    const client = createHttpClient({ urls: { api: server.url.replace('//', '//me:p%40ss@') }, timeoutMs: 5000, userAgent: 'x' });
    open.push(client);
    await client.request(template('GET /a'), {});
    await client.request(template('GET /b', null, { Authorization: 'Bearer t' }), {});
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([basic, 'Bearer t']);
  });

  it('does not follow a redirect', async () => {
    const { server, client } = await pair((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end());
    expect(await client.request(template('POST /a', {}), {})).toMatchObject({ status: 307, outcome: 'unknown' });
    expect(server.seen).toHaveLength(1);
  });

  it('uses connections again', async () => {
    const ports = new Set<number | undefined>();
    const { client } = await pair((_, response) => {
      ports.add(response.socket?.remotePort);
      json(response, 200, {});
    });
    for (let index = 0; index < 30; index += 1) await client.request(template('GET /'), {});
    // A second connection is opened when the first is still busy with the end of its answer.
    expect(ports.size).toBeLessThanOrEqual(3);
  });
});

describe('the outcome follows the status', () => {
  it.each([
    [200, 'ok'],
    [201, 'ok'],
    [302, 'unknown'],
    [400, 'rejected'],
    [409, 'rejected'],
    [429, 'shed'],
    [500, 'unknown'],
    [503, 'shed'],
    [504, 'unknown'],
  ])('%i is %s', async (status, outcome) => {
    const { client } = await pair((_, response) => json(response, status, { status }));
    expect(await client.request(template('GET /'), {})).toMatchObject({ status, outcome, error: null, json: { status } });
  });
});

describe('a misbehaving target is data', () => {
  it('refuses the connection', async () => {
    const { server, client } = await pair(undefined);
    await server[Symbol.asyncDispose]();
    const answer = await client.request(template('GET /'), {});
    expect(answer).toMatchObject({ status: null, outcome: 'unknown', json: undefined });
    expect(answer.error).toContain('ECONNREFUSED');
  });

  it('never answers', async () => {
    const { client } = await pair(() => undefined, 60);
    const answer = await client.request(template('GET /'), {});
    expect(answer).toMatchObject({ status: null, outcome: 'unknown', error: 'no whole answer within 60 ms' });
    expect(answer.durationMs).toBeGreaterThanOrEqual(55);
  });

  it('stops in the middle of the body', async () => {
    const { client } = await pair((_, response) => void response.writeHead(200).write('{"half":'), 60);
    expect(await client.request(template('GET /'), {})).toMatchObject({
      status: 200,
      outcome: 'unknown',
      error: 'no whole answer within 60 ms',
    });
  });

  it('resets the connection before and within the answer', async () => {
    const { client } = await pair(({ url }, response) => {
      if (url === '/within') response.writeHead(200, { 'content-length': 100 }).write('{"half":', () => response.socket?.resetAndDestroy());
      else response.socket?.resetAndDestroy();
    });
    expect(await client.request(template('GET /before'), {})).toMatchObject({
      status: null,
      outcome: 'unknown',
      error: expect.stringContaining('ECONNRESET') as string,
    });
    const within = await client.request(template('GET /within'), {});
    expect(within).toMatchObject({ outcome: 'unknown', json: undefined, text: '' });
    expect(within.error).not.toBeNull();
  });

  it('is not blamed for an answer that is larger than what we read', async () => {
    const { client } = await pair((_, response) => void response.writeHead(200).end(Buffer.alloc(17 * 1024 * 1024, 97)));
    await expect(client.request(template('GET /'), {})).rejects.toMatchObject({ code: 'MUSTER_ANSWER_TOO_LARGE', blame: 'harness' });
  });

  it('sends broken JSON, JSON of another type, and no text at all', async () => {
    const { client } = await pair(({ url }, response) => {
      if (url === '/broken') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
      else if (url === '/plain') response.writeHead(200, { 'content-type': 'text/html' }).end('{"a":1}');
      else response.writeHead(200).end(Buffer.from([0xff, 0xfe, 0x00]));
    });
    expect(await client.request(template('GET /broken'), {})).toMatchObject({ outcome: 'ok', json: undefined, text: '{"a":' });
    expect(await client.request(template('GET /plain'), {})).toMatchObject({ json: { a: 1 }, headers: { 'content-type': 'text/html' } });
    expect((await client.request(template('GET /bytes'), {})).json).toBeUndefined();
  });

  it('speaks something that is not HTTP', async () => {
    const server = createServer((socket) => void socket.resume().end('SSH-2.0-nonsense\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())) });
    const client = createHttpClient({
      urls: { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      timeoutMs: 5000,
      userAgent: 'x',
    });
    open.push(client);
    const answer = await client.request(template('GET /'), {});
    expect(answer).toMatchObject({ status: null, outcome: 'unknown' });
    expect(answer.error).not.toBe('');
  });
});

describe('our own mistakes', () => {
  it('an unknown service names the known ones', async () => {
    const { client } = await pair(undefined);
    await expect(async () => client.request({ ...template('GET /'), service: 'gatway' }, {})).rejects.toMatchObject({
      code: 'MUSTER_UNKNOWN_SERVICE',
      message: 'A binding sends requests to the service "gatway", which has no address. Known: api.',
    });
  });

  it('a request that cannot be sent is blamed on the binding', async () => {
    const { client } = await pair(undefined);
    await expect(client.request({ ...template('GET /'), headers: { 'bad name': 'x' } }, {})).rejects.toMatchObject({
      code: 'MUSTER_INVALID_REQUEST',
      blame: 'config',
    });
  });
});

describe('cancelling', () => {
  it('ends the request at once, before and during it', async () => {
    const { client } = await pair((_, response) => void response.writeHead(200).write('x'));
    const stop = new AbortController();
    const running = client.request(template('GET /'), {}, { signal: stop.signal });
    stop.abort();
    expect(await running).toMatchObject({ outcome: 'unknown', error: 'cancelled' });
    expect(await client.request(template('GET /'), {}, { signal: stop.signal })).toMatchObject({ error: 'cancelled' });
  });
});
