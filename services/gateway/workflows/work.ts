import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedTask, Outcome } from './queue.ts';

/** Does one task. @throws when the signal aborts. */
export type Work = (task: ClaimedTask, received: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Outcome>;

/** Waits as long as the task says, in place of an agent that thinks; what comes out follows from the task and what it received. */
export function createWork(isKnown: (capability: string) => Promise<boolean>): Work {
  return async (task, received, signal) => {
    if (!(await isKnown(task.capability))) return { status: 'failed', error: `no kind of agent has the capability "${task.capability}"` };
    const startedAtMs = performance.now();
    await delay(task.work_ms, undefined, { signal });
    return { status: 'completed', result: { output: outputOf(task, received), received, worked_ms: performance.now() - startedAtMs } };
  };
}

/** Exported for tests. */
export function outputOf({ id, capability }: Pick<ClaimedTask, 'id' | 'capability'>, received: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify([id, capability, received]))
    .digest('hex')
    .slice(0, 16);
}
