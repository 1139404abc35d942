import { check, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { keptAcross } from './instances.ts';
import { overtakings } from './overtaken.ts';
import { inParallel } from '../support/in-parallel.ts';
import { askKept, cacheOf, newSubject, waysToEnd } from '../support/kept-answers.ts';
import { counted, type Trial } from '../support/trials.ts';

/** So many ask for the same at once, and so often may it be made for them. */
const CROWD = 50;
const LOADS_ALLOWED = 2;
/** Of the crowd, at least: a target that turns the others away has still been asked by many at once. */
const ANSWERED_AT_LEAST = CROWD / 2;

check('concurrency.cache.stampede', async (run) => {
  const trials: Trial[] = [];
  for (let turn = 0; turn < run.sized({ quick: 3, full: 10 }) && !run.signal.aborted; turn += 1) trials.push(await stampede(run));
  return counted(trials, `times ${CROWD} asked at once for what nobody had asked for before`);
});

check(
  'concurrency.cache.coherence',
  (run) => overtakings(run, run.sized({ quick: { wanted: 12, most: 60 }, full: { wanted: 100, most: 1_000 } })),
  { limitMs: 180_000 },
);

check('concurrency.instances.coherence', async (run) => {
  const { instances } = cacheOf(run);
  const [first, second] = instances;
  const ways = waysToEnd(run);
  if (first === undefined || second === undefined)
    throw new NotMeasured('`cache.instances` names one service: whether others hear of a change needs a second');
  if (ways.length === 0) throw new NotMeasured('neither `cache.write` nor `cache.invalidate` is bound');
  const trials = await inParallel(
    Array.from({ length: run.sized({ quick: 12, full: 40 }) }),
    { width: 4, signal: run.signal },
    (_, index) =>
      keptAcross(run, {
        how: ways[index % ways.length] ?? 'write',
        told: index % 4 < 2 ? first : second,
        other: index % 4 < 2 ? second : first,
      }),
  );
  return counted(trials, 'answers were kept by one instance while the other was told of a change');
});

async function stampede(run: SuiteRun): Promise<Trial> {
  const subject = newSubject(run);
  const asked = await Promise.all(Array.from({ length: CROWD }, () => askKept(run, subject)));
  const told = asked.filter(({ isMade }) => isMade !== null);
  if (told.length < ANSWERED_AT_LEAST)
    return { kind: 'silent', why: `of ${CROWD} who asked at once ${told.length} got an answer that says where it is from` };
  const made = told.filter(({ isMade }) => isMade === true);
  // Who waited for the one that was being made has the same answer.
  const loads = new Set(made.map(({ id }, index) => id ?? `answer ${index}`)).size;
  const saw = `"${subject.text}" was made ${loads} times for ${told.length} who asked at once`;
  return loads > LOADS_ALLOWED
    ? { kind: 'broken', problem: `${saw} (workspace ${subject.workspace}, at most ${LOADS_ALLOWED})` }
    : { kind: 'held', note: saw };
}
