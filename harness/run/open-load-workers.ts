import { RUN_MARKER } from '../environment/index.ts';
import { TRUSTED_FILE } from '../model/tls.ts';
import { localWorkers, type LoadWorkers } from '../workers/index.ts';
import type { Session } from './environment-session.ts';
import { taskWithReferences } from './load-secrets.ts';

export interface LoadWorkersChoice {
  /** How many on this machine, or the address of the Redis that others have joined. */
  readonly workers: number | string;
  readonly runId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: ReadonlySet<string>;
  readonly session: Session;
  readonly onEvent: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Local workers are processes of the run like its suite runner: in the ledger, with its mark, and with nothing of the environment that
 * they do not need. They start with the first load. Those of a queue are there already.
 * @throws MusterError when the queue cannot be used, or has no workers.
 */
export async function openLoadWorkers(choice: LoadWorkersChoice): Promise<LoadWorkers> {
  const { workers, runId, env, secrets, session, onEvent, signal } = choice;
  if (typeof workers === 'string') {
    const withReferences = (task: Parameters<typeof taskWithReferences>[0]) => taskWithReferences(task, { values: secrets, env });
    const { queueWorkers } = await import('../workers/queue-workers.ts');
    return queueWorkers({ redisUrl: workers, runId, withReferences, onEvent, signal });
  }
  const kept = Object.fromEntries(
    ['PATH', 'LANG', 'TZ', TRUSTED_FILE].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  return localWorkers({
    count: workers,
    env: { ...kept, TMPDIR: session.runDir, [RUN_MARKER]: runId },
    onSpawn: (pid) => session.ledger.addProcess({ pid, service: 'load worker', endSignal: 'SIGKILL' }),
  });
}
