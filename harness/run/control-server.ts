import { createServer, type Server, type Socket } from 'node:net';
import { chmod } from 'node:fs/promises';
import { once } from 'node:events';
import { MusterError } from '../model/errors.ts';
import { openChannel, type Channel } from './channel.ts';
import type { RunnerApi, SupervisorApi } from './protocol.ts';

/** The shorter of the limits of Linux (107) and macOS (103). Node cuts longer paths without a word. */
const LONGEST_PATH_BYTES = 103;

function requireShortPath(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return;
  throw new MusterError(
    `The path of the control socket has ${Buffer.byteLength(path)} bytes, at most ${LONGEST_PATH_BYTES} are possible: ${path}.`,
    {
      code: 'MUSTER_SOCKET_PATH_LONG',
      blame: 'environment',
      hint: 'Set TMPDIR to a folder with a shorter path.',
    },
  );
}

export interface ControlServer extends AsyncDisposable {
  readonly socketPath: string;
  /** Resolves with that vitest process' side of the channel once it has called `runnerReady`; never when it dies before. */
  runner(pid: number): Promise<RunnerApi>;
}

/**
 * Listens on a unix socket that only this user may open. Every connection (the vitest process, each of its
 * workers) is served the same supervisor functions.
 */
export async function startControlServer(socketPath: string, api: Omit<SupervisorApi, 'runnerReady'>): Promise<ControlServer> {
  requireShortPath(socketPath);
  const channels = new Set<Channel<RunnerApi>>();
  const ready = new Map<number, RunnerApi>();
  const waiting = new Map<number, (runner: RunnerApi) => void>();
  const server: Server = createServer((socket: Socket) => {
    const channel: Channel<RunnerApi> = openChannel<RunnerApi, SupervisorApi>(socket, {
      ...api,
      runnerReady: async (pid) => {
        ready.set(pid, channel.remote);
        waiting.get(pid)?.(channel.remote);
      },
    });
    channels.add(channel);
    socket.on('close', () => channels.delete(channel));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, 0o600);
  return {
    socketPath,
    runner(pid) {
      const known = ready.get(pid);
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(pid, resolve));
    },
    async [Symbol.asyncDispose]() {
      for (const channel of channels) channel.close('the run is over');
      server.close();
      await Promise.resolve();
    },
  };
}
