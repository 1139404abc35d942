import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { lookAfter, lookPast } from './until.ts';

export type Table = Readonly<Record<string, readonly string[]>>;

/** An object of the binding `transitions`, in a workspace of its own. */
export interface StatusObject {
  readonly id: string;
  readonly workspace: string;
}

/** A new object in the wanted state, reached by the shortest legal way; null: the one in which it begins. */
export async function objectIn(run: SuiteRun, wanted: string | null, workspace: string): Promise<string> {
  const op = randomUUID();
  const created = await run.target.transitions.create({ workspace, op, name: `muster-${op.slice(0, 8)}` });
  if (created.id === null)
    throw new NotMeasured(`no object could be made: ${created.answer.error ?? `status ${created.answer.status ?? 'none'}`}`);
  const object = { id: created.id, workspace };
  const start = await stateWhere(run, object, (state) => state !== null);
  if (start === null) throw new NotMeasured('the state of a new object could not be read');
  if (wanted === null) return created.id;
  for (const to of pathTo(run.target.requireBinding('transitions').table, start, wanted))
    await run.target.transitions.move({ id: created.id, to, workspace, op: randomUUID() });
  const reached = await stateWhere(run, object, (state) => state === wanted);
  if (reached !== wanted)
    throw new NotMeasured(`an object could not be brought from ${start} to ${wanted}: it is ${reached ?? 'unreadable'}`);
  return created.id;
}

async function stateOf(run: SuiteRun, { id, workspace }: StatusObject): Promise<string | null> {
  return (await run.target.transitions.read({ id, workspace, op: randomUUID() })).state;
}

function shownAs(run: SuiteRun): { readonly stalenessMs: number | undefined; readonly signal: AbortSignal } {
  return { stalenessMs: run.target.requireBinding('transitions').read.stalenessMs, signal: run.signal };
}

/** Reads until the state is the one that is waited for, or what is shown may not be old any more. */
export function stateWhere(run: SuiteRun, object: StatusObject, isThere: (state: string | null) => boolean): Promise<string | null> {
  return lookPast(() => stateOf(run, object), isThere, shownAs(run));
}

/** Reads when everything that has happened must show. */
export function stateNow(run: SuiteRun, object: StatusObject): Promise<string | null> {
  return lookAfter(() => stateOf(run, object), shownAs(run));
}

/** Breadth first through the table. */
function pathTo(table: Table, start: string, wanted: string): readonly string[] {
  const queue: { readonly state: string; readonly path: readonly string[] }[] = [{ state: start, path: [] }];
  const seen = new Set([start]);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next.state === wanted) return next.path;
    for (const to of table[next.state] ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      queue.push({ state: to, path: [...next.path, to] });
    }
  }
  throw new NotMeasured(`the table knows no way from ${start} to ${wanted}`);
}
