import { randomUUID } from 'node:crypto';
import { check, NotMeasured, type SuiteRun } from '../../harness/index.ts';

type Move = readonly [from: string, to: string];

/** Every pair of states, the same-to-same ones too. */
check(
  'lifecycle.transitions.table',
  async (run) => {
    const binding = run.spec.bindings.transitions;
    if (binding === undefined) throw new NotMeasured('the target has no binding `transitions`');
    const states = Object.keys(binding.table);
    const wrong: string[] = [];
    const untried: NotMeasured[] = [];
    let trials = 0;
    for (const [from, to] of states.flatMap((first) => states.map((second): Move => [first, second]))) {
      if (run.signal.aborted) break;
      const rule = { legal: binding.table[from]?.includes(to) ?? false, refused: binding.refused };
      try {
        const problem = await tryMove(run, [from, to], rule);
        trials += 1;
        if (problem !== null) wrong.push(problem);
      } catch (error) {
        // A move that cannot be tried does not take back what the others have shown.
        if (!(error instanceof NotMeasured)) throw error;
        untried.push(error);
      }
    }
    const [first] = untried;
    if (first !== undefined && wrong.length === 0) throw first;
    return {
      observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [{ source: 'responses and reading back', saw: `${trials} moves between ${states.length} states, ${wrong.length} wrong` }],
    };
  },
  { limitMs: 180_000 },
);

interface Rule {
  readonly legal: boolean;
  readonly refused: readonly number[];
}

/** One move on a fresh object: what is wrong with it in a sentence, or null. */
async function tryMove(run: SuiteRun, [from, to]: Move, { legal, refused }: Rule): Promise<string | null> {
  const workspace = run.workspace();
  const id = await objectIn(run, from, workspace);
  const moved = await run.target.transitions.move({ id, to, workspace, op: randomUUID() });
  const after = (await run.target.transitions.read({ id, workspace, op: randomUUID() })).state ?? 'unreadable';
  const answered = moved.answer.status ?? moved.answer.error ?? 'nothing';
  const name = `${from} → ${to}`;
  if (legal && !moved.accepted) return `${name} is legal and was answered with ${answered}`;
  if (legal) return after === to ? null : `${name} was accepted, but the state is ${after}`;
  if (moved.accepted) return `${name} is illegal and was accepted; the state is ${after}`;
  if (!moved.refused) return `${name} is illegal and was answered with ${answered} instead of ${refused.join(' or ')}`;
  return after === from ? null : `${name} was refused, but the state is ${after}`;
}

/** A new object in the wanted state, reached by the shortest legal way. */
async function objectIn(run: SuiteRun, wanted: string, workspace: string): Promise<string> {
  const op = randomUUID();
  const created = await run.target.transitions.create({ workspace, op, name: `muster-${op.slice(0, 8)}` });
  if (created.id === null)
    throw new NotMeasured(`no object could be made: ${created.answer.error ?? `status ${created.answer.status ?? 'none'}`}`);
  const start = (await run.target.transitions.read({ id: created.id, workspace, op })).state;
  if (start === null) throw new NotMeasured('the state of a new object could not be read');
  for (const to of pathTo(run, start, wanted)) await run.target.transitions.move({ id: created.id, to, workspace, op: randomUUID() });
  const reached = (await run.target.transitions.read({ id: created.id, workspace, op })).state;
  if (reached !== wanted)
    throw new NotMeasured(`an object could not be brought from ${start} to ${wanted}: it is ${reached ?? 'unreadable'}`);
  return created.id;
}

/** Breadth first through the table. */
function pathTo(run: SuiteRun, start: string, wanted: string): readonly string[] {
  const table = run.spec.bindings.transitions?.table ?? {};
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
