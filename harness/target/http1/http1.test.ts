import { serve as serveHono } from '@hono/node-server';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { json, startLoopback } from '../testing/loopback.ts';
import { createLoadHttp, headerBlock, type LoadAnswer } from './index.ts';
import { clientOf, endKept, GET, kept, OK, script } from './testing/kept.ts';
import { ask, rawServer, requestOf } from './testing/servers.ts';

afterEach(endKept);

describe('against node:http', () => {
  it('sends method, path, headers and body, and reads status, headers and body', async () => {
    const server = kept(await startLoopback({ http: (_, response) => response.writeHead(201, { 'x-a': 'b' }).end('{"é":1}') }));
    const http = clientOf(server);
    const answer = await ask(http, requestOf('POST /a/b?c=d', '{"text":"é"}', { 'X-Agent': 'a-1', 'content-type': 'application/json' }));
    expect(answer).toMatchObject({ status: 201, text: '{"é":1}', bytes: 8, error: null, headers: { 'x-a': 'b' } });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/a/b?c=d', body: '{"text":"é"}' });
    expect(server.seen[0]?.headers).toMatchObject({ host: new URL(server.url).host, 'x-agent': 'a-1', 'content-length': '13' });
  });

  it.each([
    ['text', 'x'.repeat(300_000)],
    ['bytes', Buffer.alloc(300_000, 'x')],
    ['few bytes', Buffer.from('{"a":"ü"}')],
    ['no body', null],
  ] as const)('sends and reads large and small bodies: %s', async (_, body) => {
    const server = kept(await startLoopback({ http: (request, response) => response.end(request.body) }));
    const answer = await ask(clientOf(server), requestOf('POST /', body));
    expect(answer).toMatchObject({ status: 200, error: null, bytes: body === null ? 0 : Buffer.byteLength(body) });
    expect(answer.text).toBe(body === null ? '' : body.toString());
  });

  it('sends header values in Latin-1', async () => {
    const server = kept(await startLoopback({ http: (_, response) => json(response, 200, {}) }));
    await ask(clientOf(server), requestOf('POST /', 'é', { 'x-name': 'Zoë' }));
    expect(server.seen[0]).toMatchObject({ headers: { 'x-name': 'Zoë' }, body: 'é' });
  });

  it('uses connections again, and each for one request at a time', async () => {
    const ports = new Set<number | undefined>();
    const held: (() => void)[] = [];
    const server = kept(
      await startLoopback({
        http: (_, response) => {
          ports.add(response.socket?.remotePort);
          held.push(() => json(response, 200, {}));
          if (held.length === 3) for (const answer of held.splice(0)) answer();
        },
      }),
    );
    const http = clientOf(server, 3);
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(http, GET)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(ports.size).toBe(3);
    expect(http.stats()).toMatchObject({ open: 3, busy: 0, queued: 0, opened: 3, resent: 0 });
  });

  it('answers in the order of the calls when they wait for one connection', async () => {
    const server = kept(await startLoopback({ http: ({ url }, response) => response.end(url) }));
    const http = clientOf(server, 1);
    const order: string[] = [];
    await Promise.all(['/1', '/2', '/3'].map(async (path) => order.push((await ask(http, requestOf(`GET ${path}`))).text)));
    expect(order).toEqual(['/1', '/2', '/3']);
  });

  it('reads the answer to HEAD and goes on with the connection', async () => {
    const server = kept(await startLoopback({ http: (_, response) => json(response, 200, { a: 1 }) }));
    const http = clientOf(server, 1);
    expect(await ask(http, requestOf('HEAD /'))).toMatchObject({ status: 200, text: '', error: null });
    expect(await ask(http, GET)).toMatchObject({ status: 200, text: '{"a":1}' });
    expect(http.stats().opened).toBe(1);
  });
});

describe('against hono', () => {
  it('reads json, streams, nothing and errors', async () => {
    const app = new Hono();
    app.get('/json', (c) => c.json({ a: 'ü' }));
    app.get('/none', (c) => c.body(null, 204));
    app.get(
      '/stream',
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              for (const part of ['a', 'b', 'c']) controller.enqueue(new TextEncoder().encode(part));
              controller.close();
            },
          }),
        ),
    );
    app.post('/echo', async (c) => c.text(await c.req.text(), 418));
    const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    kept({ [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) });
    await once(server, 'listening');
    const http = clientOf({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, 1);
    expect(await ask(http, requestOf('GET /json'))).toMatchObject({ status: 200, text: '{"a":"ü"}' });
    expect(await ask(http, requestOf('GET /none'))).toMatchObject({ status: 204, text: '' });
    expect(await ask(http, requestOf('GET /stream'))).toMatchObject({ status: 200, text: 'abc' });
    expect(await ask(http, requestOf('POST /echo', 'ä'))).toMatchObject({ status: 418, text: 'ä' });
    expect(await ask(http, requestOf('GET /nowhere'))).toMatchObject({ status: 404, error: null });
    expect(http.stats().opened).toBe(1);
    await http[Symbol.asyncDispose]();
  });
});

describe('giving up', () => {
  it('closes the connection of the request, calls nobody, and gives its place to the next', async () => {
    const server = kept(await rawServer((socket, nth) => nth > 1 && script(socket, [OK])));
    const http = clientOf(server, 1);
    const calls: LoadAnswer[] = [];
    const cancel = http.send(GET, { answered: (answer) => calls.push(answer), crashed: () => calls.push() });
    const next = ask(http, GET);
    await until(() => server.connections() === 1 && http.stats().busy === 1);
    cancel();
    expect(await next).toMatchObject({ status: 200 });
    cancel();
    expect(calls).toEqual([]);
    expect(server.connections()).toBe(2);
  });

  it('takes a waiting request out of the queue', async () => {
    const server = kept(await rawServer((socket) => socket.once('data', () => held.push(socket))));
    const held: Socket[] = [];
    const http = clientOf(server, 1);
    const first = ask(http, GET);
    const cancel = http.send(GET, { answered: () => {}, crashed: () => {} });
    expect(http.stats().queued).toBe(2);
    await until(() => held.length === 1);
    expect(http.stats()).toMatchObject({ queued: 1, busy: 1 });
    cancel();
    expect(http.stats().queued).toBe(0);
    held[0]?.end(OK);
    expect(await first).toMatchObject({ status: 200 });
    expect(server.connections()).toBe(1);
  });

  it('does nothing after the answer', async () => {
    const http = clientOf(kept(await rawServer((socket) => socket.on('data', () => socket.write(OK)))), 1);
    let cancel = () => {};
    await new Promise((resolve) => {
      cancel = http.send(GET, { answered: resolve, crashed: resolve });
    });
    cancel();
    await ask(http, GET);
    expect(http.stats().opened).toBe(1);
  });

  it('of the whole client cuts everything and calls nobody', async () => {
    const server = kept(await rawServer(() => {}));
    const http = clientOf(server, 2);
    const calls: unknown[] = [];
    for (let index = 0; index < 5; index += 1)
      http.send(GET, { answered: (answer) => calls.push(answer), crashed: (error) => calls.push(error) });
    await until(() => server.connections() === 2 && http.stats().busy === 2);
    await http[Symbol.asyncDispose]();
    expect(http.stats()).toMatchObject({ open: 0, busy: 0, queued: 0 });
    expect((await ask(http, GET)).error).toContain('closed');
    expect(calls).toEqual([]);
  });
});

describe('a request that cannot be sent', () => {
  it.each(['GET nowhere', 'GET /a\nb', 'CONNECT /', 'GE\u0000T /', 'GET /\u20ac'])('is refused at once: %j', (line) => {
    const http = clientOf({ url: 'http://127.0.0.1:1' });
    expect(() =>
      http.send(
        { ...requestOf(''), method: line.split(' ')[0] ?? '', path: line.slice(line.indexOf(' ') + 1) },
        { answered: () => {}, crashed: () => {} },
      ),
    ).toThrow(expect.objectContaining({ code: 'MUSTER_INVALID_REQUEST', blame: 'config' }));
  });

  it.each([{ 'a b': 'c' }, { a: 'b\r\nc: d' }, { a: '€' }, { Host: 'x' }, { 'content-length': '5' }, { 'Transfer-Encoding': 'chunked' }])(
    'is refused with its headers: %j',
    (headers) => {
      expect(() => headerBlock(headers)).toThrow(expect.objectContaining({ code: 'MUSTER_INVALID_REQUEST' }));
    },
  );

  it('is one to another protocol', () => {
    expect(() => createLoadHttp({ url: 'ftp://127.0.0.1', connections: 1 })).toThrow(expect.objectContaining({ code: 'MUSTER_LOAD_URL' }));
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
