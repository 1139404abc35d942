import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ChildServer extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
  /** Sends a message and resolves with the answer. */
  ask(): Promise<unknown>;
}

/** Starts a server program of this folder in a process of its own; it ends with its IPC channel. */
export async function startServer(program: string, args: readonly string[] = []): Promise<ChildServer> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [...args]);
  const [address] = (await once(child, 'message')) as [{ readonly port: number }];
  return {
    origin: `http://127.0.0.1:${address.port}`,
    pid: child.pid ?? Number.NaN,
    async ask() {
      const answer = once(child, 'message') as Promise<[unknown]>;
      child.send('tell');
      return (await answer)[0];
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
