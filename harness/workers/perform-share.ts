import type { ShardSnapshot } from '../load/index.ts';
import { toErrorData } from '../model/error-data.ts';
import type { LoadTask, TaskRunner } from './load-task.ts';
import { BEAT_MS, type Said } from './messages.ts';

/** What a worker is told while it does a share. */
export interface Orders {
  /** CLOCK_MONOTONIC of this machine at which the load begins; settles after `signal` aborts, too. */
  readonly go: Promise<number>;
  readonly signal: AbortSignal;
}

/** Does one share from preparation to report, and says how it goes. Never rejects: what fails is said. */
export async function performShare(runner: TaskRunner, task: LoadTask, orders: Orders, say: (said: Said) => void): Promise<void> {
  let snapshots: ShardSnapshot[] = [];
  const tell = (): void => {
    say({ kind: 'beat', snapshots });
    snapshots = [];
  };
  const beat = setInterval(tell, BEAT_MS);
  try {
    const prepared = await runner.prepare(task, {
      signal: orders.signal,
      onSnapshot: (snapshot) => snapshots.push(snapshot),
      onFirstSend: (lateMs) => say({ kind: 'began', lateMs }),
    });
    say({ kind: 'ready' });
    const report = await prepared.run(await orders.go);
    tell();
    say({ kind: 'done', report });
  } catch (error) {
    say({ kind: 'failed', error: toErrorData(error) });
  } finally {
    clearInterval(beat);
  }
}
