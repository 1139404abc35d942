import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { idleLimitMs } from './connection.ts';
import { clientOf, endKept, GET, kept, OK, script } from './testing/kept.ts';
import { ask, rawServer, requestOf } from './testing/servers.ts';

afterEach(endKept);

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
