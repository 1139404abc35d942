import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { NotMeasured, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';
import { OBSERVER, observerOf, scalar } from './stores.ts';
import { lookUntil } from './until.ts';

/** How long the number of waiting connections must stay the same to be all there are. */
const SETTLED_LOOKS = 6;
const GATHER_MS = 3_000;
/** Sessions of others that wait for a lock. */
const WAITING = `select count(*)::int from pg_stat_activity
  where wait_event_type = 'Lock' and pid <> pg_backend_pid() and datname = current_database() and application_name <> '${OBSERVER}'`;

/** An object that the bound work is on, in a workspace of its own. */
export interface Held {
  readonly workspace: string;
  readonly id: string;
}

type PoolBinding = NonNullable<SuiteRun['spec']['bindings']['pool']>;

/** @throws NotMeasured when the target does not make one. */
export async function makeHeld(run: SuiteRun, { create }: PoolBinding): Promise<Held> {
  const [workspace, op] = [run.workspace(), randomUUID()];
  const answer = await run.target.request(create.http, { workspace, op, name: `muster-${op.slice(0, 8)}` });
  const id = answer.outcome === 'ok' ? textIn(create.id, answer.json) : null;
  if (id === null) throw new NotMeasured(`nothing could be made to work on: ${answer.error ?? `status ${answer.status ?? 'none'}`}`);
  return { workspace, id };
}

interface Work {
  readonly held: Held;
  /** It is answered by then, or given up. */
  readonly timeoutMs: number;
}

/** Sends one piece of bound work. */
export function workOnce(run: SuiteRun, { held, timeoutMs }: Work): Promise<Answer> {
  const { work } = run.target.requireBinding('pool');
  const op = randomUUID();
  return run.target.request(work, { ...held, value: op, op, name: op }, { timeoutMs, signal: run.signal });
}

/** Sends `count` pieces of bound work at once. */
export function workAtOnce(run: SuiteRun, { count, ...work }: Work & { readonly count: number }): readonly Promise<Answer>[] {
  return Array.from({ length: count }, () => workOnce(run, work));
}

/**
 * While `body` works, the bound object is taken in a transaction of our own, so that whoever works on it waits with its connection. The
 * count that `body` may ask for is that of connections waiting, once it stays the same.
 */
export async function whileHeld<T>(
  run: SuiteRun,
  { held, adminUrl }: { readonly held: Held; readonly adminUrl: string },
  body: (waiting: (upTo: number) => Promise<number>) => Promise<T>,
): Promise<T> {
  const { hold } = run.target.requireBinding('pool');
  const [holder, observer] = [observerOf(adminUrl), observerOf(adminUrl)];
  try {
    await Promise.all([holder.connect(), observer.connect()]);
    await holder.query('begin');
    await holder.query(hold, [held.id]).catch((error: unknown) => {
      throw new NotMeasured(`the SQL of \`pool.hold\` did not get through: ${error instanceof Error ? error.message : String(error)}`);
    });
    return await body((upTo) => waitingConnections(observer, upTo, run.signal));
  } finally {
    await Promise.allSettled([holder.end(), observer.end()]);
  }
}

async function waitingConnections(observer: pg.Client, upTo: number, signal: AbortSignal): Promise<number> {
  let [most, same] = [0, 0];
  await lookUntil(
    async () => {
      const now = Number(await scalar(observer, WAITING));
      same = now <= most && most > 0 ? same + 1 : 0;
      most = Math.max(most, now);
    },
    () => most >= upTo || same >= SETTLED_LOOKS,
    { withinMs: GATHER_MS, signal },
  );
  return most;
}
