import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bindings } from '../model/target.ts';
import type { WebSocket } from 'ws';
import { createTargetClient, type TargetClient } from './client.ts';
import { type LoopbackHandlers, startLoopback, targetWith } from './testing/loopback.ts';

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const bindings: Bindings = {
  events: {
    ws: { path: '/events?key=${key}', service: 'api', headers: { 'x-key': '${key}' } },
    type: 'event_type',
    appended: 'message',
    key: 'agent_id',
    value: 'data.value',
  },
  mcp: {
    ws: { path: '/mcp?agent=${agent}', service: 'api', headers: {} },
    welcome: 'method == welcome',
    call: { method: 'tools/call', params: { name: 'echo', arguments: { text: '${canary}' } }, echo: 'content' },
  },
};

async function clientOf(
  ws: LoopbackHandlers['ws'],
  { timeoutMs = 5000, ...others }: { timeoutMs?: number; welcome?: null } = {},
): Promise<TargetClient> {
  const server = await startLoopback(ws === undefined ? {} : { ws });
  const mcp = { ...(bindings.mcp as NonNullable<Bindings['mcp']>), ...others };
  const client = createTargetClient({ target: targetWith({ ...bindings, mcp }), urls: { api: server.url }, timeoutMs });
  open.push(server, client);
  return client;
}

it('a socket keeps the path of the base URL, and its user and password', async () => {
  const seen: unknown[] = [];
  const server = await startLoopback({
    ws: (socket, { url, headers }) => {
      seen.push(url, headers.authorization);
      socket.close();
    },
  });
  const api = `${server.url.replace('//', '//me:p%40ss@')}/base/`;
  const client = createTargetClient({ target: targetWith(bindings), urls: { api }, timeoutMs: 5000 });
  open.push(server, client);
  expect((await client.openEvents({ key: 'k' })).ok).toBe(true);
  expect(seen).toEqual(['/base/events?key=k', `Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
});

async function eventsOf(ws: LoopbackHandlers['ws']) {
  const opened = await (await clientOf(ws)).openEvents({ key: 'k 1' });
  if (!opened.ok) throw new Error(opened.error);
  open.push(opened.value);
  return opened.value;
}

async function mcpOf(ws: LoopbackHandlers['ws'], options: Parameters<typeof clientOf>[1] = { welcome: null }) {
  const opened = await (await clientOf(ws, options)).openMcp({ agent: 'a' });
  if (!opened.ok) throw new Error(opened.error);
  open.push(opened.value);
  return opened.value;
}

interface Rpc {
  readonly id: string | number;
  readonly method: string;
  readonly params: unknown;
}

/** Answers each request by `answer`; what it returns is sent as it is. */
function answering(answer: (request: Rpc, socket: WebSocket) => unknown): LoopbackHandlers['ws'] {
  return (socket) => {
    socket.on('message', (data: Buffer) => {
      const reply = answer(JSON.parse(data.toString('utf8')) as Rpc, socket);
      if (reply !== undefined) socket.send(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
  };
}

describe('a handshake that fails is data', () => {
  it('with the status of the refusal', async () => {
    const client = await clientOf(undefined);
    expect(await client.openEvents({ key: 'k' })).toEqual({ ok: false, status: 403, error: 'the handshake was answered with 403' });
  });

  it('with the reason when nobody listens or nobody answers', async () => {
    const server = await startLoopback({ http: () => undefined });
    await server[Symbol.asyncDispose]();
    const refused = createTargetClient({ target: targetWith(bindings), urls: { api: server.url }, timeoutMs: 1000 });
    open.push(refused);
    expect(await refused.openMcp()).toMatchObject({ ok: false, status: null, error: expect.stringContaining('ECONNREFUSED') as string });
    const mute = createServer((socket) => void open.unshift({ [Symbol.asyncDispose]: () => Promise.resolve(void socket.destroy()) }));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const waiting = createTargetClient({ target: targetWith(bindings), urls: { api: `http://127.0.0.1:${port}` }, timeoutMs: 60 });
    open.push({ [Symbol.asyncDispose]: () => Promise.resolve(void mute.close()) }, waiting);
    expect(await waiting.openMcp()).toMatchObject({ ok: false, error: 'Opening handshake has timed out' });
  });
});

describe('an event stream', () => {
  it('reads the fields the binding names, from frames sent with the handshake on', async () => {
    const paths: string[] = [];
    const stream = await eventsOf((socket, request) => {
      paths.push(`${request.url ?? ''} ${request.headers['x-key'] as string}`);
      socket.send(JSON.stringify({ event_type: 'hello' }));
      socket.send(JSON.stringify({ event_type: 'message', agent_id: 'k 1', data: { value: 5 } }));
    });
    const found = await stream.next(({ value }) => value === '5', { withinMs: 5000 });
    expect(found).toMatchObject({ ok: true, event: { seq: 2, appended: true, type: 'message', key: 'k 1', value: '5' } });
    expect(stream.events().map(({ type, appended }) => [type, appended])).toEqual([
      ['hello', false],
      ['message', true],
    ]);
    expect(paths).toEqual(['/events?key=k%201 k 1']);
  });

  it('takes broken JSON, binary and empty frames for data', async () => {
    const stream = await eventsOf((socket) => {
      socket.send('{"event_type":');
      socket.send(Buffer.from([1, 2, 3]));
      socket.send('');
      socket.send('[]');
    });
    await stream.next(({ seq }) => seq === 4, { withinMs: 5000 });
    expect(stream.events().map(({ type, frame }) => [type, frame.binary, frame.bytes])).toEqual([
      [null, false, 14],
      [null, true, 3],
      [null, false, 0],
      [null, false, 2],
    ]);
  });

  it('says what came when the awaited event does not', async () => {
    const stream = await eventsOf((socket) => socket.send('{"event_type":"other"}'));
    await stream.next(() => true, { withinMs: 5000 });
    expect(await stream.next(({ appended }) => appended, { withinMs: 30 })).toEqual({
      ok: false,
      problem: 'nothing fitting within 30 ms; 1 messages came, the last: {"event_type":"other"}',
    });
  });

  it('tells those who wait when the server goes away', async () => {
    const stream = await eventsOf((socket) => setImmediate(() => socket.close(1013, 'full')));
    expect(await stream.next(() => true, { withinMs: 60_000 })).toEqual({
      ok: false,
      problem: 'the connection closed with 1013; no message came',
    });
    expect(stream.closeInfo()).toMatchObject({ code: 1013, reason: 'full', error: null });
    expect((await stream.next(() => true, { withinMs: 60_000 })).ok).toBe(false);
  });

  it('records a cut connection and a message over the limit', async () => {
    const cut = await eventsOf((socket) => setImmediate(() => socket.terminate()));
    await cut.next(() => true, { withinMs: 5000 });
    expect(cut.closeInfo()?.code).toBe(1006);
    const big = await eventsOf((socket) => socket.send(Buffer.alloc(17 * 1024 * 1024)));
    await big.next(() => true, { withinMs: 5000 });
    expect(big.events()).toEqual([]);
    expect(big.closeInfo()?.error).toBe('Max payload size exceeded');
  });
});

describe('an MCP session', () => {
  it('keeps the expected welcome, or says what came instead', async () => {
    const good = await mcpOf((socket) => socket.send('{"method":"welcome"}'), {});
    expect(good.welcome?.json).toEqual({ method: 'welcome' });
    expect(good.welcomeProblem).toBeNull();
    const bad = await mcpOf((socket) => socket.send('{"method":"hi"}'), {});
    expect([bad.welcome, bad.welcomeProblem]).toEqual([null, 'the first message is not the welcome `method == welcome`: {"method":"hi"}']);
    const mute = await mcpOf(() => undefined, { timeoutMs: 50 });
    expect(mute.welcomeProblem).toBe('nothing fitting within 50 ms; no message came');
  });

  it('matches answers by id, however they are ordered', async () => {
    const held: Rpc[] = [];
    const session = await mcpOf(
      answering((request, socket) => {
        held.push(request);
        if (held.length === 2) for (const { id, method } of held.toReversed()) socket.send(JSON.stringify({ id, result: method }));
        return undefined;
      }),
    );
    const [a, b] = await Promise.all([session.call('a', {}), session.call('b', {})]);
    expect([a.result, b.result, a.ok, b.ok]).toEqual(['a', 'b', true, true]);
  });

  it("takes neither an answer to a number for one to text nor the server's own request for an answer", async () => {
    const session = await mcpOf(
      answering(({ id }, socket) => {
        socket.send(JSON.stringify({ id: String(id), result: 'text' }));
        socket.send(JSON.stringify({ id, method: 'ping' }));
        return { id, result: 'number' };
      }),
    );
    expect((await session.call('x', {}, { id: 4 })).result).toBe('number');
  });

  it('does not take an old answer for a new one when an id is used again', async () => {
    let count = 0;
    const session = await mcpOf(answering(({ id }) => ({ id, result: (count += 1) })));
    expect((await session.call('x', {}, { id: 1 })).result).toBe(1);
    expect((await session.call('x', {}, { id: 1 })).result).toBe(2);
  });

  it('reports errors, silence and a closed connection as data', async () => {
    const session = await mcpOf(
      answering(({ id, method }, socket) => {
        if (method === 'close') socket.close(1011);
        return method === 'error' ? { id, error: { code: -32601, message: 'no' } } : undefined;
      }),
    );
    expect(await session.call('error', {})).toMatchObject({ ok: false, error: { code: -32601 }, problem: null });
    expect(await session.call('silent', {}, { timeoutMs: 30 })).toMatchObject({
      ok: false,
      frame: null,
      problem: expect.stringContaining('within 30 ms') as string,
    });
    expect(await session.call('close', {})).toMatchObject({ ok: false, problem: expect.stringContaining('closed with 1011') as string });
    expect(session.sendRaw('x')).toBe(false);
    expect((await session.call('late', {})).problem).toBe('the connection was closed with 1011 before the request was sent');
  });

  it('tells an echoed canary from a foreign one', async () => {
    const session = await mcpOf(
      answering(({ id, params }) => ({ id, result: { content: [{ text: id === 2 ? 'foreign' : JSON.stringify(params) }] } })),
    );
    expect((await session.callEcho('canary-1')).echoed).toBe(true);
    expect((await session.callEcho('canary-2')).echoed).toBe(false);
  });

  it('measures the round trip of a ping, and gives up on a server that does not pong', async () => {
    const session = await mcpOf(() => undefined);
    expect(await session.ping()).toBeGreaterThan(0);
    const deaf = await mcpOf((socket) => socket.pause());
    expect(await deaf.ping(50)).toBeNull();
  });

  it('closes a session whose server never answers the close', async () => {
    const session = await mcpOf((socket) => socket.pause());
    await session.close();
    expect(session.closeInfo()?.code).toBe(1006);
    expect(await session.ping()).toBeNull();
  });
});
