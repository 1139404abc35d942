import { serve as serveHono } from '@hono/node-server';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { json, startLoopback } from '../testing/loopback.ts';
import { idleLimitMs } from './connection.ts';
import { createLoadHttp, headerBlock, type LoadAnswer, type LoadHttp } from './index.ts';
import { ask, rawServer, requestOf } from './testing/servers.ts';

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

function kept<T extends AsyncDisposable>(one: T): T {
  open.push(one);
  return one;
}

function clientOf({ url }: { readonly url: string }, connections = 4): LoadHttp {
  return kept(createLoadHttp({ url, connections }));
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = requestOf('GET /');

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

/** Answers each request of a connection, whose heads come whole, with the next of the texts, and then hangs up. */
function script(socket: Socket, answers: readonly string[]): void {
  let next = 0;
  socket.on('data', () => {
    const answer = answers[next];
    next += 1;
    if (answer !== undefined) socket.write(answer, 'latin1');
    if (next >= answers.length) socket.end();
  });
}

describe('against servers that misbehave', () => {
  it.each([
    ['a reset before the answer', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()), null],
    ['a close before the answer', (socket: Socket) => socket.once('data', () => socket.end()), null],
    ['a close at once', (socket: Socket) => socket.destroy(), null],
    ['half a head', (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-')), null],
    ['half a body', (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')), 200],
    ['not HTTP', (socket: Socket) => socket.once('data', () => socket.write('220 mail.example ESMTP\r\n')), null],
  ] as const)('is an answer with an error: %s', async (_, serve, status) => {
    const http = clientOf(kept(await rawServer((socket) => void serve(socket))));
    const answer = await ask(http, requestOf('POST /', '{}'));
    expect(answer).toMatchObject({ status, text: '', bytes: 0 });
    expect(answer.error).toMatch(/connection was closed before the answer was complete|does not begin as an HTTP/);
    expect(http.stats()).toMatchObject({ open: 0, busy: 0, queued: 0, resent: 0 });
  });

  it('names a refused connection and an unknown host, once per request', async () => {
    const gone = await rawServer(() => {});
    await gone[Symbol.asyncDispose]();
    const http = clientOf(gone, 2);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(http, GET)));
    expect(answers.map(({ status, error }) => [status, error?.includes('ECONNREFUSED')])).toEqual(
      Array.from({ length: 5 }, () => [null, true]),
    );
    const nowhere = clientOf({ url: 'http://nowhere.invalid' });
    expect((await ask(nowhere, GET)).error).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('takes an answer that comes before the request is sent in full, and not the connection', async () => {
    const server = kept(
      await rawServer((socket) =>
        socket.once('data', () => socket.pause().write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig')),
      ),
    );
    const http = clientOf(server, 1);
    expect(await ask(http, requestOf('POST /', Buffer.alloc(15_000_000)))).toMatchObject({ status: 413, text: 'big', error: null });
    expect(await ask(http, requestOf('POST /', 'x'))).toMatchObject({ status: 413 });
    expect(server.connections()).toBe(2);
  });

  it('does not use a connection again on which more comes than the answer', async () => {
    const server = kept(await rawServer((socket) => script(socket, [`${OK}${OK}`, OK])));
    const http = clientOf(server, 1);
    expect(await ask(http, GET)).toMatchObject({ text: 'ok', error: null });
    expect(await ask(http, GET)).toMatchObject({ text: 'ok', error: null });
    expect(server.connections()).toBe(2);
  });

  it('does not use a connection again on which something comes later', async () => {
    const server = kept(
      await rawServer((socket, nth) => {
        if (nth > 1) return script(socket, [OK]);
        socket.once('data', () =>
          socket.write(OK, () => setImmediate(() => socket.write('HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n'))),
        );
        socket.once('end', () => late());
      }),
    );
    const http = clientOf(server, 1);
    let late = () => {};
    const cut = new Promise<void>((resolve) => (late = resolve));
    expect(await ask(http, GET)).toMatchObject({ status: 200 });
    await cut;
    expect(await ask(http, GET)).toMatchObject({ status: 200 });
  });

  it.each([
    ['says close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['lists close', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok'],
    ['is HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['does not keep it', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 2\r\n\r\nok'],
  ])('opens a new connection when the server %s', async (_, answer) => {
    const server = kept(await rawServer((socket) => socket.on('data', () => socket.write(answer))));
    const http = clientOf(server, 1);
    await ask(http, GET);
    expect(await ask(http, GET)).toMatchObject({ text: 'ok', error: null });
    expect(server.connections()).toBe(2);
  });

  it('keeps some of the time that a server keeps a connection, however short that is', () => {
    expect([5_000, 4_000, 2_000, 1_000, 0].map(idleLimitMs)).toEqual([3_000, 2_000, 1_000, 500, 0]);
  });

  it('uses a connection again that the server keeps for two seconds', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok';
    const server = kept(await rawServer((socket) => socket.on('data', () => socket.write(answer))));
    const http = clientOf(server, 1);
    await ask(http, GET);
    expect(await ask(http, GET)).toMatchObject({ text: 'ok', error: null });
    expect(server.connections()).toBe(1);
  });

  it('ends a request whose answer passes our own limits as a fault of ours', async () => {
    const http = clientOf(
      kept(await rawServer((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n')))),
    );
    await expect(ask(http, GET)).rejects.toMatchObject({ code: 'MUSTER_ANSWER_TOO_LARGE', blame: 'harness' });
    expect(http.stats().open).toBe(0);
  });
});

describe('a kept-alive connection that the server closes under a request', () => {
  /** Answers once per connection, then hangs up when the next request comes, without a byte. */
  const forgetful = (socket: Socket): void => script(socket, [OK, '']);

  it('is not held against the server when the request may be sent again', async () => {
    const server = kept(await rawServer(forgetful));
    const http = clientOf(server, 1);
    expect(await ask(http, GET)).toMatchObject({ status: 200 });
    expect(await ask(http, GET)).toMatchObject({ status: 200, error: null });
    expect(http.stats()).toMatchObject({ opened: 2, resent: 1 });
  });

  it('is an error for a request that may not', async () => {
    const http = clientOf(kept(await rawServer(forgetful)), 1);
    await ask(http, GET);
    expect((await ask(http, requestOf('POST /', '{}'))).error).toContain('closed before the answer');
    expect(http.stats()).toMatchObject({ resent: 0 });
  });

  it('is an error when a byte had come, and on a new connection', async () => {
    const some = clientOf(kept(await rawServer((socket) => script(socket, [OK, 'H']))), 1);
    await ask(some, GET);
    expect((await ask(some, GET)).error).toContain('closed before the answer');
    const fresh = kept(await rawServer((socket) => script(socket, [''])));
    const http = clientOf(fresh, 1);
    expect((await ask(http, GET)).error).toContain('closed before the answer');
    expect(fresh.connections()).toBe(1);
  });

  it('is sent again once only', async () => {
    const server = kept(await rawServer((socket, nth) => script(socket, nth === 1 ? [OK, ''] : [''])));
    const http = clientOf(server, 1);
    await ask(http, GET);
    expect((await ask(http, GET)).error).toContain('closed before the answer');
    expect(server.connections()).toBe(2);
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
