import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';

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
  const start = await stateOf(run, { id: created.id, workspace });
  if (start === null) throw new NotMeasured('the state of a new object could not be read');
  if (wanted === null) return created.id;
  for (const to of pathTo(run.target.requireBinding('transitions').table, start, wanted))
    await run.target.transitions.move({ id: created.id, to, workspace, op: randomUUID() });
  const reached = await stateOf(run, { id: created.id, workspace });
  if (reached !== wanted)
    throw new NotMeasured(`an object could not be brought from ${start} to ${wanted}: it is ${reached ?? 'unreadable'}`);
  return created.id;
}

export async function stateOf(run: SuiteRun, { id, workspace }: StatusObject): Promise<string | null> {
  return (await run.target.transitions.read({ id, workspace, op: randomUUID() })).state;
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
