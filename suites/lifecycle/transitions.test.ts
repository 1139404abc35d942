import { check, createPostgresWitness, NotMeasured, type SuiteRun, type Witness } from '../../harness/index.ts';
import { inParallel } from '../support/in-parallel.ts';
import { chainProblem, isExplained, type Rivals, rivalsIn } from '../support/move-order.ts';
import { isContested, race, raceText, type RunRace } from '../support/move-race.ts';
import { type Move, tryMove } from '../support/move-table.ts';
import { lookUntil } from '../support/until.ts';

/** Moves and races that are under way at once, each on an object of its own. */
const AT_ONCE = 3;
/** A record may be written a moment after its move; all of them together are waited for so long. */
const RECORDED_MS = 3_000;

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
    const moves = states.flatMap((first) => states.map((second): Move => [first, second]));
    await inParallel(moves, { width: AT_ONCE, signal: run.signal }, async ([from, to]) => {
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
    });
    const [first] = untried;
    if (first !== undefined && wrong.length === 0) throw first;
    return {
      observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [{ source: 'responses and reading back', saw: `${trials} moves between ${states.length} states, ${wrong.length} wrong` }],
    };
  },
  { limitMs: 180_000 },
);

check(
  'lifecycle.transitions.race',
  async (run) => {
    const { table } = run.target.requireBinding('transitions');
    const rivals = rivalsIn(table);
    if (rivals.length === 0)
      throw new NotMeasured(
        'every two moves of the table are legal in either order, so that a race leaves no trace; a state machine with less freedom would show one',
      );
    const rounds = Array.from({ length: run.sized({ quick: 24, full: 120 }) }, (_, index) => rivals[index % rivals.length]);
    const races = (
      await inParallel(
        rounds.filter((pair): pair is Rivals => pair !== undefined),
        { width: AT_ONCE, signal: run.signal },
        (pair) => race(run, pair),
      )
    ).filter((done) => done !== null);
    const chains = await chainsOf(run, races);
    const wrong = races.flatMap((done) => {
      const problem = problemOf(run, done, chains?.get(done.id) ?? null);
      return problem === null ? [] : [`${raceText(done)}: ${problem}`];
    });
    return {
      observation: { kind: 'count', trials: races.filter(isContested).length, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [responses(races), ...(chains === null ? [] : [recorded(chains)])],
    };
  },
  { limitMs: 120_000 },
);

function problemOf(run: SuiteRun, done: RunRace, chain: readonly string[] | null): string | null {
  const { table } = run.target.requireBinding('transitions');
  if (!isExplained(table, done)) return 'no order of the accepted moves that the table allows ends there';
  // Whatever the order, the first one finds the state as it was.
  if (done.moves.every(({ seen }) => seen === 'refused')) return 'every one of them was legal, and all were refused';
  // What has no answer may still happen, and be on record later than the state was read.
  return chain === null || done.moves.some(({ seen }) => seen === 'unknown') ? null : chainProblem(chain, done);
}

/** The moves on record by object; null when that is not bound. */
async function chainsOf(run: SuiteRun, races: readonly RunRace[]): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const sql = run.target.requireBinding('transitions').chain;
  if (sql === undefined) return null;
  const witness = createPostgresWitness({ url: await run.adminUrl('postgres'), timeoutMs: 5_000 });
  try {
    const chains = new Map<string, readonly string[]>();
    const until = performance.now() + RECORDED_MS;
    for (const done of races) {
      const read = await lookUntil(
        () => witness.values(sql, done.id),
        (seen) => seen.ok && chainProblem(seen.values, done) === null,
        { withinMs: Math.max(0, until - performance.now()), signal: run.signal },
      );
      if (!read.ok) throw new NotMeasured(`the database could not be asked for the moves of ${done.id}: ${read.problem}`);
      chains.set(done.id, read.values);
    }
    const isBlind = races.length > 0 && [...chains.values()].every((steps) => steps.length === 0);
    if (isBlind) throw new NotMeasured('the SQL of `transitions.chain` finds no move of any object, although some were accepted');
    return chains;
  } finally {
    await witness[Symbol.asyncDispose]();
  }
}

function responses(races: readonly RunRace[]): Witness {
  const moves = races.flatMap((done) => done.moves);
  const accepted = moves.filter(({ seen }) => seen === 'accepted').length;
  const refused = moves.filter(({ seen }) => seen === 'refused').length;
  return {
    source: 'responses and reading back',
    saw: `${races.length} objects, ${moves.length} conflicting moves: ${accepted} accepted, ${refused} refused, ${moves.length - accepted - refused} of unknown outcome`,
  };
}

function recorded(chains: ReadonlyMap<string, readonly string[]>): Witness {
  return { source: 'database', saw: `${[...chains.values()].flat().length} moves on record for ${chains.size} objects` };
}
