import { randomUUID } from 'node:crypto';
import { check, createPostgresWitness, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { inParallel } from '../support/in-parallel.ts';
import { objectIn, type StatusObject, type Table } from '../support/status-object.ts';

const AT_ONCE = 3;

type Move = readonly [from: string, to: string];
type Count = (object: StatusObject) => Promise<number>;

/** Whether accepted moves leave the trace that refused ones must not leave is asked first: else nothing would be seen of either. */
check('lifecycle.transitions.silent', async (run) => {
  const { table, trace } = run.target.requireBinding('transitions');
  if (trace === undefined) throw new NotMeasured('the target has no binding `transitions.trace`');
  const witness = createPostgresWitness({ url: await run.adminUrl('postgres'), timeoutMs: 5_000 });
  const count: Count = async ({ id }) => {
    const read = await witness.count(trace, id);
    if (!read.ok) throw new NotMeasured(`the database could not be asked what the moves of ${id} left behind: ${read.problem}`);
    return read.value;
  };
  try {
    const left = await leftByAccepted(run, count);
    const moves = pairsIn(table, (isLegal) => !isLegal);
    const tried = await inParallel(run.sized({ quick: spread(moves, 12), full: moves }), { width: AT_ONCE, signal: run.signal }, (move) =>
      leftByRefused(run, move, count),
    );
    const refused = tried.filter((found) => found !== null);
    const wrong = refused.filter((found) => found !== '');
    return {
      observation: { kind: 'count', trials: refused.length, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [{ source: 'database', saw: `${left}; ${wrong.length} of ${refused.length} refused moves left something behind` }],
    };
  } finally {
    await witness[Symbol.asyncDispose]();
  }
});

async function leftByAccepted(run: SuiteRun, count: Count): Promise<string> {
  const workspace = run.workspace();
  const [move] = pairsIn(run.target.requireBinding('transitions').table, (isLegal) => isLegal);
  if (move === undefined) throw new NotMeasured('the table has no legal move to another state');
  const [from, to] = move;
  const object = { id: await objectIn(run, from, workspace), workspace };
  const before = await count(object);
  const { accepted } = await run.target.transitions.move({ ...object, to, op: randomUUID() });
  if (!accepted) throw new NotMeasured(`the legal move ${from} → ${to} was not accepted: there is nothing to compare refusals with`);
  const after = await count(object);
  if (after <= before)
    throw new NotMeasured(
      `the SQL of \`transitions.trace\` finds nothing of the accepted move ${from} → ${to}: it would find nothing of a refused one`,
    );
  return `an accepted move leaves ${after - before} behind`;
}

/** A sentence, nothing when it left no trace, null when it was not refused: then it is the table that is wrong, or nothing is known. */
async function leftByRefused(run: SuiteRun, [from, to]: Move, count: Count): Promise<string | null> {
  const workspace = run.workspace();
  const object = { id: await objectIn(run, from, workspace), workspace };
  const refuse = async (): Promise<string | null> => {
    const before = await count(object);
    const { outcome, answer } = await run.target.transitions.move({ ...object, to, op: randomUUID() });
    if (outcome !== 'rejected') return null;
    const after = await count(object);
    return after === before
      ? ''
      : `object ${object.id}: ${from} → ${to} was refused with ${answer.status ?? 'nothing'}, and what moves leave behind went from ${before} to ${after}`;
  };
  // Once may be what the moves that brought it there wrote late; the same again is not.
  return (await refuse()) === '' ? '' : refuse();
}

function pairsIn(table: Table, wanted: (isLegal: boolean) => boolean): readonly Move[] {
  return Object.entries(table).flatMap(([from, legal]) =>
    Object.keys(table).flatMap((to): readonly Move[] => (to !== from && wanted(legal.includes(to)) ? [[from, to]] : [])),
  );
}

/** So many of them, from all over the list. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step) || index === 0);
}
