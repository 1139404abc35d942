import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Bindings } from '../../model/target.ts';
import { json, type Loopback, startLoopback, template } from '../../target/testing/loopback.ts';
import { drive, later } from './testing/drive.ts';

const MCP: Bindings = {
  mcp: {
    ws: { path: '/rpc?agent=${agent}', service: 'api', headers: {} },
    welcome: 'hello == true',
    call: { method: 'echo', params: { text: '${canary}' }, echo: 'text' },
  },
};

interface Request {
  readonly id: number;
  readonly params: { readonly text: string };
}

let loopback: Loopback | null = null;

afterEach(async () => {
  await loopback?.[Symbol.asyncDispose]();
  loopback = null;
});

/** A JSON-RPC server that greets and then does as `answer` says. */
async function rpc(answer: (socket: WebSocket, request: Request) => void, hello: unknown = { hello: true }): Promise<string> {
  loopback = await startLoopback({
    ws(socket) {
      if (hello !== null) socket.send(JSON.stringify(hello));
      socket.on('message', (data: Buffer) => answer(socket, JSON.parse(data.toString()) as Request));
    },
  });
  return loopback.url;
}

const reply = (socket: WebSocket, id: unknown, rest: object): void => socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
const echo = (socket: WebSocket, { id, params }: Request): void => reply(socket, id, { result: { text: `you said ${params.text}` } });

describe('mcp', () => {
  it('holds a session per agent and tells calls under way apart', async () => {
    const held: (() => void)[] = [];
    const url = await rpc((socket, request) => {
      held.push(() => echo(socket, request));
      if (held.length === 6) for (const answer of held.toReversed()) answer();
    });
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    await driven.open(2);
    expect(driven.opening).toEqual({ opened: 2, failed: 0, of: 2 });
    const ended = await Promise.all([0, 1, 0, 1, 0, 1].map((agent) => driven.call(agent)));
    expect(ended.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it("calls another agent's answer wrong, and an error by what its code says", async () => {
    const answers = [
      { result: { text: 'agent-1/1' } },
      { result: {} },
      { error: { code: -32_601, message: 'no such method' } },
      { error: { code: -32_603, message: 'broke' } },
    ];
    const url = await rpc((socket, { id }) => reply(socket, id, answers[id - 1] ?? {}));
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    const outcomes = [];
    for (const _ of answers) outcomes.push((await driven.call()).outcome);
    expect(outcomes).toEqual(['wrong', 'wrong', 'rejected', 'unknown']);
  });

  it('does not take noise, foreign ids and requests of the server for an answer', async () => {
    const url = await rpc((socket, request) => {
      socket.send(Buffer.from([1, 2, 3]));
      socket.send('not JSON');
      reply(socket, request.id + 7, { result: { text: 'nobody asked' } });
      reply(socket, request.id, { method: 'ping' });
      echo(socket, request);
    });
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    expect((await driven.call()).outcome).toBe('ok');
  });

  it('is left waiting by a server that never answers, and gives up without harm', async () => {
    const asked = later<void>();
    const url = await rpc(() => asked.resolve());
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    expect(await driven.cut(0, asked.promise)).toBe('cut');
  });

  it('ends the calls of a session that closes, and opens another for the next', async () => {
    let requests = 0;
    const url = await rpc((socket, request) => {
      requests += 1;
      if (requests === 2) socket.terminate();
      else if (requests > 2) echo(socket, request);
    });
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    await driven.open(1);
    const both = await Promise.all([driven.call(), driven.call()]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
    // It lived too briefly to be opened again at once: the calls until then are told so.
    let next = await driven.call();
    while (next.outcome === 'unknown') next = await driven.call();
    expect(next.outcome).toBe('ok');
  });

  it.each([
    ['wrong', { hello: false }],
    ['unknown', null],
  ] as const)('makes a missing welcome %s', async (outcome, hello) => {
    const url = await rpc(echo, hello);
    await using driven = drive({ operation: 'mcp' }, { url, bindings: MCP, timeoutMs: 100 });
    await driven.open(1);
    expect([driven.opening.failed, (await driven.call()).outcome]).toEqual([1, outcome]);
  });

  it('makes a refused handshake what its status says', async () => {
    loopback = await startLoopback({ http: (_request, response) => json(response, 200, {}) });
    await using driven = drive({ operation: 'mcp' }, { url: loopback.url, bindings: MCP });
    expect((await driven.call()).outcome).toBe('rejected');
  });

  it('is not held up by peers that do nothing', async () => {
    await using silent = await rawServer(() => undefined);
    await using unanswered = drive({ operation: 'mcp' }, { url: silent.url, bindings: MCP, timeoutMs: 100 });
    await unanswered.open(3);
    expect([unanswered.opening, (await unanswered.call()).outcome]).toEqual([{ opened: 0, failed: 3, of: 3 }, 'unknown']);
    await using dead = drive({ operation: 'mcp' }, { url: 'http://127.0.0.1:1', bindings: MCP });
    expect((await dead.call()).outcome).toBe('unknown');
  });

  it('does not wait at its end for a peer that has stopped reading', async () => {
    const paused = later<void>();
    const url = await rpc((socket) => {
      socket.pause();
      paused.resolve();
    });
    const driven = drive({ operation: 'mcp' }, { url, bindings: MCP });
    const call = driven.call();
    await paused.promise;
    await driven[Symbol.asyncDispose]();
    expect((await call).outcome).toBe('unknown');
  });

  it('cuts off a session when too much waits to be read by its peer', async () => {
    const url = await rpc((socket) => socket.pause());
    const large = {
      mcp: { ...MCP.mcp, call: { method: 'echo', params: { text: '${canary}', filler: 'x'.repeat(600_000) }, echo: 'text' } },
    };
    await using driven = drive({ operation: 'mcp' }, { url, bindings: large as Bindings });
    await driven.open(1);
    const ended = await Promise.all(Array.from({ length: 40 }, () => driven.call()));
    expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']));
  });
});

interface RawServer extends AsyncDisposable {
  readonly url: string;
}

async function rawServer(on: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    on(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('events', () => {
  const bindings: Bindings = {
    events: {
      ws: { path: '/feed?key=${key}', service: 'api', headers: {} },
      type: 'type',
      appended: 'appended',
      key: 'key',
      value: 'value',
    },
    register: {
      create: { http: template('POST /keys'), key: 'key' },
      append: template('POST /keys/${key}', { value: '${value}' }),
      read: { http: template('GET /keys/${key}'), items: 'items', value: 'value' },
    },
  };

  it('ends when the event of its own append comes', async () => {
    const feeds = new Map<string, WebSocket>();
    let keys = 0;
    let status = 201;
    loopback = await startLoopback({
      ws: (socket, request) => feeds.set(new URL(request.url ?? '', 'http://x').searchParams.get('key') ?? '', socket),
      http({ url, body }, response) {
        if (url === '/keys') {
          keys += 1;
          return json(response, 201, { key: `k${keys}` });
        }
        const key = url.slice('/keys/'.length);
        const { value } = JSON.parse(body) as { readonly value: string };
        const feed = feeds.get(key);
        feed?.send(JSON.stringify({ type: 'appended', key, value: 'of somebody else' }));
        feed?.send(JSON.stringify({ type: 'appended', key: 'another', value }));
        if (status < 300) setImmediate(() => feed?.send(JSON.stringify({ type: 'appended', key, value })));
        json(response, status, {});
      },
    });
    await using driven = drive({ operation: 'events' }, { url: loopback.url, bindings });
    await driven.open(2);
    expect(driven.opening).toEqual({ opened: 2, failed: 0, of: 2 });
    expect((await driven.call(0)).outcome).toBe('ok');
    status = 409;
    expect((await driven.call(1)).outcome).toBe('rejected');
  });
});

describe('subscribe', () => {
  it('holds connections, counts what comes and asks whether anybody is there', async () => {
    const sent = later<void>();
    loopback = await startLoopback({
      ws: (socket) => socket.send('x'.repeat(10), () => sent.resolve()),
    });
    const bindings: Bindings = {
      events: { ws: { path: '/feed', service: 'api', headers: {} }, type: 't', appended: 'a', key: 'k', value: 'v' },
    };
    await using driven = drive({ operation: 'subscribe' }, { url: loopback.url, bindings });
    await driven.open(50);
    await sent.promise;
    expect(await driven.call(3)).toEqual({ outcome: 'ok', bytes: 10 });
    expect(await driven.call(3)).toEqual({ outcome: 'ok', bytes: 0 });
  });
});
