import { once } from 'node:events';
import { connect } from 'node:net';
import type { Gateway } from './stack.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A handshake by hand, so that it can be wrong; the status of the answer. A header that is null is left out. */
export async function handshake(
  { url }: Pick<Gateway, 'url'>,
  path: string,
  change: Readonly<Record<string, string | null>> = {},
  method = 'GET',
): Promise<number> {
  const { hostname, port, host } = new URL(url);
  const headers: Readonly<Record<string, string | null>> = {
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
  socket.destroy();
  return Number(answer.toString('latin1').split(' ')[1]);
}
