import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAgent, openSocket, send, type Json, type TestSocket } from '../../testing/client.ts';
import { manyEvents } from '../../testing/many-events.ts';
import { handshake } from '../../testing/handshake.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until } from '../../testing/stack.ts';

/** More than a busy machine stands still: who answers pings is not to be dropped for that. */
const PING_MS = 1_000;
const SETTINGS = {
  WS_HEARTBEAT_MS: '200',
  WS_CONNECTIONS: '20',
  WS_CONNECTIONS_PER_AGENT: '3',
  WS_MESSAGES_PER_SECOND: '20',
  WS_MAX_BUFFERED_BYTES: '65536',
  ALLOWED_ORIGINS: 'https://dashboard.example',
};

const { backing, gateway } = await gatewayForFile(SETTINGS);

const total = async (): Promise<number> => Number((await send(gateway, 'GET /api/v1/ws/sessions')).body['total']);

/** More than what the kernel keeps on both sides of a connection that nobody reads. */
const FILLING = 300;
const PORTION = 50;
const seen = ({ frames }: TestSocket): readonly Json[] => frames.filter(({ event_type: type }) => type === 'agent_message');

afterEach(() => until(async () => (await total()) === 0));

/** 0, or the code it was closed with before anything was said. */
async function welcomedOrClosed(one: TestSocket): Promise<number> {
  await until(async () => one.frames.length > 0 || one.socket.readyState === one.socket.CLOSED);
  return one.frames.length > 0 ? 0 : one.closed();
}

describe('a handshake', () => {
  it.each([
    ['an unknown path', '/ws/nothing', {}, 404],
    ['a path of nothing', '//', {}, 404],
    ['another version', '/ws', { 'Sec-WebSocket-Version': '12' }, 426],
    ['no key', '/ws', { 'Sec-WebSocket-Key': null }, 400],
    ['a short key', '/ws', { 'Sec-WebSocket-Key': 'YWJjZGU=' }, 400],
    ['the page of a stranger', '/ws', { Origin: 'https://evil.example' }, 403],
    ['a page on this machine', '/ws', { Origin: 'http://localhost:5173' }, 101],
    ['a page that is allowed', '/ws', { Origin: 'https://dashboard.example' }, 101],
  ])('of %s is answered', async (_, path, headers, status) => {
    expect(await handshake(gateway, path, headers)).toBe(status);
  });

  it('with another method is refused', async () => {
    expect(await handshake(gateway, '/ws', {}, 'POST')).toBe(405);
  });

  it('that is refused leaves nothing behind, also when the client keeps its side open', async () => {
    const { port, hostname } = new URL(gateway.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.write('GET /ws/nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n');
    await once(socket.resume(), 'end');
    // Who writes to a connection that is gone is told so; one that is half open takes it.
    const failed = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>;
    const writing = setInterval(() => socket.write('x'), 10);
    const [error] = await failed;
    clearInterval(writing);
    expect(['EPIPE', 'ECONNRESET']).toContain(error.code);
  });

  it('is not compressed, and selects only a subprotocol that it knows', async () => {
    const chosen = await openSocket(gateway, '/ws', { perMessageDeflate: true, protocols: ['bogus', 'muster-1', 'bearer.secret'] });
    expect([chosen.socket.extensions, chosen.socket.protocol]).toEqual(['', 'muster-1']);
    chosen.socket.close();
  });

  it('with a secret in the URL ends with 1008 and without a frame', async () => {
    const one = await openSocket(gateway, '/ws?token=abc');
    expect(await one.closed()).toBe(1008);
    expect(one.frames).toEqual([]);
  });

  it.each(['/ws/agents/7', `/ws/agents/${randomUUID()}`, `/ws/tasks/${randomUUID()}`, `/ws/delegations/${randomUUID()}`])(
    'for what is not there (%s) ends with 1003',
    async (path) => {
      expect(await (await openSocket(gateway, path)).closed()).toBe(1003);
    },
  );
});

describe('limits', () => {
  it('hold per agent and in all, and are free again when connections end', async () => {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(gateway, '/ws/mcp?agent_id=crowd')));
    const codes = await Promise.all(sockets.map(welcomedOrClosed));
    expect(codes.filter((code) => code === 0)).toHaveLength(3);
    expect(codes.filter((code) => code === 1008)).toHaveLength(5);
    const rest = await Promise.all(Array.from({ length: 17 }, () => openSocket(gateway, '/ws')));
    expect(await (await openSocket(gateway, '/ws')).closed()).toBe(1013);
    const { body } = await send(gateway, 'GET /api/v1/ws/sessions');
    expect(body).toMatchObject({ total: 20, by_agent: { crowd: 3 } });
    expect(body['sessions']).toHaveLength(20);
    for (const { socket } of [...sockets, ...rest]) socket.terminate();
  });

  it('close a flood of messages with 1008 and a large one with 1009', async () => {
    const flood = await openSocket(gateway, '/ws/dashboard');
    for (let index = 0; index < 30; index++) flood.send({ type: 'ping' });
    expect(await flood.closed()).toBe(1008);
    const large = await openSocket(gateway, '/ws/dashboard');
    large.send('x'.repeat(70_000));
    expect(await large.closed()).toBe(1009);
  });

  it('hold for new connections of one address', async () => {
    const strict = await startTestGateway(backing, [], { WS_CONNECTIONS_PER_MINUTE: '3' });
    const codes = [];
    for (let index = 0; index < 4; index++) codes.push(await handshake(strict, '/ws'));
    const one = await openSocket(strict, '/ws');
    expect(await one.closed()).toBe(1008);
    expect(codes).toEqual([101, 101, 101, 101]);
    await strict.stop();
  });
});

describe('with keys', () => {
  it('nobody comes in without one, and browsers may offer theirs as a subprotocol', async () => {
    const key = randomUUID();
    const closed = await startTestGateway(backing, [], { AUTH: 'on', API_KEY_ADMIN: key });
    expect(await handshake(closed, '/ws')).toBe(401);
    expect(await handshake(closed, '/ws', { Authorization: `Bearer ${randomUUID()}` })).toBe(401);
    expect(await handshake(closed, '/ws', { 'X-API-Key': key })).toBe(101);
    const browser = await openSocket(closed, '/ws', { protocols: ['muster-1', `bearer.${key}`] });
    expect(browser.socket.protocol).toBe('muster-1');
    browser.socket.close();
    await closed.stop();
  });
});

describe('a process that ends', () => {
  it('says goodbye with 1001', async () => {
    const ending = await startTestGateway(backing);
    const sockets = await Promise.all(['/ws', '/ws/dashboard', '/ws/mcp?agent_id=a'].map((path) => openSocket(ending, path)));
    const codes = Promise.all(sockets.map((one) => one.closed()));
    await ending.stop();
    expect(await codes).toEqual([1001, 1001, 1001]);
  });
});

describe('a peer', () => {
  it('that is silent gets heartbeats, one period apart', async () => {
    const { frames, socket } = await openSocket(gateway, '/ws/agents/stream');
    const opened = performance.now();
    await until(async () => frames.length >= 3);
    expect(performance.now() - opened).toBeGreaterThan(550);
    expect(frames.every(({ type }) => type === 'heartbeat')).toBe(true);
    socket.close();
  });

  it('that pings is answered with the same bytes', async () => {
    const { socket } = await openSocket(gateway, '/ws');
    for (const payload of ['', 'x'.repeat(125)]) {
      const answered = once(socket, 'pong') as Promise<[Buffer]>;
      socket.ping(payload);
      expect((await answered)[0].toString()).toBe(payload);
    }
    socket.close();
  });

  it('that answers no ping is dropped when the next one is due, and one that does is not', async () => {
    const strict = await startTestGateway(backing, [], { ...SETTINGS, WS_PING_MS: String(PING_MS) });
    const alive = await openSocket(strict, '/ws');
    const dead = await openSocket(strict, '/ws', { autoPong: false });
    const opened = performance.now();
    let pings = 0;
    dead.socket.on('ping', () => (pings += 1));
    expect(await dead.closed()).toBe(1006);
    expect(performance.now() - opened).toBeGreaterThan(PING_MS);
    expect(pings).toBe(1);
    await until(async () => performance.now() - opened > 4 * PING_MS);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    alive.socket.close();
    await strict.stop();
  });

  it('that does not read is closed with 1013, and nobody else notices', async () => {
    const patient = await startTestGateway(backing, [], { ...SETTINGS, WS_PING_MS: '60000', WS_MAX_BUFFERED_BYTES: '4194304' });
    const agent = await createAgent(patient);
    const path = `/ws/agents/stream?workspace_id=${agent.workspace}`;
    const [slow, bystander] = [await openSocket(patient, path), await openSocket(patient, path)];
    slow.socket.pause();
    // In portions that fit into the queue of one who reads, however busy the machine is.
    for (let sent = PORTION; sent <= FILLING; sent += PORTION) {
      await manyEvents(backing.postgres, agent, PORTION);
      await until(async () => seen(bystander).length === sent);
    }
    slow.socket.resume();
    expect(await slow.closed()).toBe(1013);
    expect(seen(slow).length).toBeLessThan(FILLING);
    bystander.socket.close();
    await patient.stop();
  });
});
