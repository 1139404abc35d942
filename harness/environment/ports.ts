import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { MusterError } from '../model/errors.ts';
import { PortInUseError } from './errors.ts';
import { portHolder } from './sockets.ts';

/** Below the range the kernel takes outgoing ports from (32768 and up, 49152 on macOS): nobody gets them by chance. */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const TRIES = 200;

/** A port that this process occupies until `release`, so that two services or two runs never get the same one. */
export interface HeldPort {
  readonly port: number;
  /** Frees the port for the process that is about to listen on it. Harmless twice. */
  release(): Promise<void>;
}

/**
 * Occupies the port a service is to listen on: `fixed`, or a free one.
 * @throws PortInUseError when `fixed` is taken.
 */
export async function holdPort(service: string, fixed: number | null): Promise<HeldPort> {
  if (fixed !== null) {
    const server = await listen(fixed);
    if (server === null) throw new PortInUseError(service, fixed, await portHolder(fixed));
    return held(fixed, server);
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const server = await listen(port);
    if (server !== null) return held(port, server);
  }
  throw new MusterError(
    `No free port for "${service}": ${String(TRIES)} ports between ${String(FIRST_PORT)} and ${String(LAST_PORT)} were taken.`,
    {
      code: 'MUSTER_NO_PORT',
      blame: 'environment',
      hint: 'End processes that listen on 127.0.0.1, or fix the port of each service in the target file.',
    },
  );
}

/** Whether somebody could listen on 127.0.0.1:`port` now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  await held(port, server).release();
  return true;
}

function held(port: number, server: Server): HeldPort {
  return {
    port,
    async release() {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** null when the port is taken or may not be used. */
async function listen(port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null; // taken, or a privileged port: the caller names the holder
  }
}
