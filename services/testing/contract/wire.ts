import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ANSWER_LIMIT_MS } from './call.ts';

/** A connection on which anything can be sent. */
export interface Wire {
  readonly socket: Socket;
  /** Everything that came so far. */
  received(): Buffer;
  /** Resolves with true when `found` holds for what came, with false when the connection ended first. @throws Error when neither happens in time. */
  until(found: (received: Buffer) => boolean): Promise<boolean>;
}

export async function openWire(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let ended = false;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    socket.emit('progress');
  });
  // A reset is an end like any other: what is sent here is meant to be refused.
  socket.on('error', () => socket.destroy());
  for (const name of ['end', 'close']) {
    socket.on(name, () => {
      ended = true;
      socket.emit('progress');
    });
  }
  await once(socket, 'connect');
  return {
    socket,
    received: () => received,
    until: async (found) => {
      const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
      while (!found(received)) {
        if (ended) return false;
        try {
          await once(socket, 'progress', { signal });
        } catch (cause) {
          throw new Error(
            `nothing that settles it came within ${ANSWER_LIMIT_MS} ms, only ${JSON.stringify(received.toString('latin1').slice(-300))}`,
            { cause },
          );
        }
      }
      return true;
    },
  };
}

/** The status of an answer that begins in the bytes; null while there is none. */
export function statusIn(bytes: Buffer): number | null {
  const found = /^HTTP\/1\.[01] (\d{3})/.exec(bytes.toString('latin1', 0, 20));
  return found === null ? null : Number(found[1]);
}
