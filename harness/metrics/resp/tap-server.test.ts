import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { readTap } from './read-tap.ts';
import { createTap } from './tap-server.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server.listen({ host: '127.0.0.1', port: 0 }));
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A Redis as far as this goes: it says the same to every command. */
async function tapped(reply: string, onClient: (socket: Socket) => void = () => undefined): Promise<{ port: number; upstream: Server }> {
  const upstream = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(reply));
    onClient(socket);
  });
  const port = await listening(createTap({ host: '127.0.0.1', port: await listening(upstream) }));
  return { port, upstream };
}

async function said(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

it('passes on what both sides say, and tells what reads found', async () => {
  const { port } = await tapped('$-1\r\n');
  const client = connect({ host: '127.0.0.1', port });
  expect(await said(client, '*2\r\n$3\r\nGET\r\n$7\r\ncache:1\r\n')).toBe('$-1\r\n');
  expect(await said(client, '*2\r\n$4\r\nHGET\r\n$1\r\nh\r\n')).toBe('$-1\r\n');
  client.destroy();
  expect(await readTap(`127.0.0.1:${port}`)).toEqual({
    reads: { 'cache:*': { hits: 0, misses: 1, refused: 0 }, h: { hits: 0, misses: 1, refused: 0 } },
    connections: 1,
    deaf: {},
  });
});

it('passes on what is no RESP, counts nothing there and says so', async () => {
  const { port } = await tapped('hello { }\r\n');
  const client = connect({ host: '127.0.0.1', port });
  expect(await said(client, '{}\r\n')).toBe('hello { }\r\n');
  client.destroy();
  const { reads, deaf } = await readTap(`127.0.0.1:${port}`);
  expect({ reads, deaf: Object.values(deaf) }).toEqual({ reads: {}, deaf: [1] });
});

it('lets go of who leaves without a word', async () => {
  const { port } = await tapped('+OK\r\n');
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  client.end().resume();
  await once(client, 'close');
  expect((await readTap(`127.0.0.1:${port}`)).connections).toBe(0);
});

it('resets whoever asks while Redis refuses, and whoever is connected when Redis resets', async () => {
  const clients: Socket[] = [];
  const { port, upstream } = await tapped('+OK\r\n', (socket) => clients.push(socket));
  const connected = connect({ host: '127.0.0.1', port });
  await said(connected, '*1\r\n$4\r\nPING\r\n');
  const cut = once(connected, 'error');
  for (const socket of clients) socket.resetAndDestroy();
  expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
  upstream.close();
  await once(upstream, 'close');
  const late = connect({ host: '127.0.0.1', port });
  late.write('*1\r\n$4\r\nPING\r\n');
  expect(await once(late, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
});
