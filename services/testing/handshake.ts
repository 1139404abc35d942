import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Gateway } from './stack.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

type Change = Readonly<Record<string, string | null>>;

/** A handshake by hand, so that it can be wrong; the status of the answer. A header that is null is left out. */
export async function handshake(gateway: Pick<Gateway, 'url'>, path: string, change: Change = {}, method = 'GET'): Promise<number> {
  const { socket, status } = await rawSocket(gateway, path, change, method);
  socket.destroy();
  return status;
}

/** The connection after the answer, on which anything can be written. */
export async function rawSocket(
  { url }: Pick<Gateway, 'url'>,
  path: string,
  change: Change = {},
  method = 'GET',
): Promise<{ readonly socket: Socket; readonly status: number }> {
  const { hostname, port, host } = new URL(url);
  const headers: Change = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...change,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const socket = connect(Number(port), hostname);
  socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return { socket, status: Number(answer.toString('latin1').split(' ')[1]) };
}
