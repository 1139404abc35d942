import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { messageOf, MusterError } from '../model/errors.ts';
import { PortInUseError } from './errors.ts';
import { portHolder } from './sockets.ts';

/** Where ports are looked for. */
interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below the range the kernel takes outgoing ports from (32768 and up, 49152 on macOS): nobody gets them by chance. */
const USUAL: PortRange = { first: 20_000, last: 31_999 };
const TRIES = 200;

/** A port that this process occupies until `release`, so that two services or two runs never get the same one. */
export interface HeldPort {
  readonly port: number;
  /** Frees the port for the process that is about to listen on it. Harmless twice. */
  release(): Promise<void>;
}

/**
 * Occupies the port a service is to listen on: `fixed`, or a free one.
 * @throws PortInUseError when `fixed` is taken; MusterError MUSTER_PORT_DENIED (environment) when it may not be used, MUSTER_NO_PORT
 * (environment) when no free one was found.
 */
export async function holdPort(service: string, fixed: number | null, range = USUAL): Promise<HeldPort> {
  if (fixed !== null) {
    const server = await listen(fixed);
    if (typeof server !== 'string') return held(fixed, server);
    throw server === 'EADDRINUSE' ? new PortInUseError(service, fixed, await portHolder(fixed)) : denied(service, fixed, server);
  }
  let last = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(range.first, range.last + 1);
    const server = await listen(port);
    if (typeof server !== 'string') return held(port, server);
    last = server;
  }
  throw noPort(service, range, last);
}

function noPort(service: string, { first, last }: PortRange, code: string): MusterError {
  const tried = `${String(TRIES)} ports between ${String(first)} and ${String(last)}`;
  return new MusterError(`No free port on 127.0.0.1 for "${service}": tried ${tried}, the last one answered ${code}.`, {
    code: 'MUSTER_NO_PORT',
    blame: 'environment',
    hint: 'End processes that listen on 127.0.0.1, or fix the port of each service in the target file.',
  });
}

function denied(service: string, port: number, code: string): MusterError {
  return new MusterError(`Cannot start "${service}": this process may not listen on port ${String(port)} of 127.0.0.1 (${code}).`, {
    code: 'MUSTER_PORT_DENIED',
    blame: 'environment',
    hint: `Give services.${service}.port a number above 1023, or leave it out to let Muster choose a free port.`,
  });
}

/** Whether somebody could listen on 127.0.0.1:`port` now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (typeof server === 'string') return false;
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

/** The code of the system's refusal: `EADDRINUSE` when the port is taken, `EACCES` when it may not be used. */
async function listen(port: number): Promise<Server | string> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : messageOf(error);
  }
}
