import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { scratchStore } from '../harness/environment/testing/scratch-stores.ts';
import type { LoadWorkers } from '../harness/workers/index.ts';
import { queueWorkers } from '../harness/workers/queue-workers.ts';

export interface QueueStand extends AsyncDisposable {
  readonly workers: LoadWorkers;
  /** Ends one worker process for good. */
  readonly killOne: () => void;
}

/** Load workers of this machine that meet at a Redis of their own. */
export async function openQueue(count: number): Promise<QueueStand> {
  const store = await scratchStore('redis');
  const children = await startWorkers(Array.from({ length: count }, () => ({ prefix: [], redisUrl: store.url })));
  const workers = await join(store.url);
  return {
    workers,
    killOne: () => children[0]?.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      await workers[Symbol.asyncDispose]();
      await endWorkers(children);
      await store[Symbol.asyncDispose]();
    },
  };
}

export function join(redisUrl: string): Promise<LoadWorkers> {
  return queueWorkers({
    redisUrl,
    runId: `bench-${process.pid}`,
    withReferences: (task) => task,
    onEvent: () => undefined,
    signal: new AbortController().signal,
  });
}

export interface WorkerPlace {
  /** What the command is run by: `ip netns exec …`. */
  readonly prefix: readonly string[];
  readonly redisUrl: string;
}

/** Resolves when all say that they are ready. */
export async function startWorkers(places: readonly WorkerPlace[]): Promise<readonly ChildProcess[]> {
  const muster = fileURLToPath(new URL('../scripts/muster.js', import.meta.url));
  return Promise.all(
    places.map(async ({ prefix, redisUrl }) => {
      const [program, ...args] = [...prefix, process.execPath, muster, 'worker'];
      const child = spawn(program ?? process.execPath, args, {
        env: { PATH: process.env['PATH'], MUSTER_WORKER_REDIS: redisUrl },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await once(child.stderr, 'data');
      child.stderr.resume();
      return child;
    }),
  );
}

export async function endWorkers(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }),
  );
}
