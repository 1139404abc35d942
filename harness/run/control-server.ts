import { openChannel, type Channel } from './channel.ts';
import { listenPrivately } from './private-socket.ts';
import type { RunnerApi, SupervisorApi } from './protocol.ts';

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
  const channels = new Set<Channel<RunnerApi>>();
  const ready = new Map<number, RunnerApi>();
  const waiting = new Map<number, (runner: RunnerApi) => void>();
  const server = await listenPrivately(socketPath, (socket) => {
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
