import { check, type SuiteRun } from '../../harness/index.ts';
import { outlives } from './time-to-live.ts';
import { cacheOf, describeAnswer, end, isFromBefore, keep, askKept, newSubject } from '../support/kept-answers.ts';
import { inParallel } from '../support/in-parallel.ts';
import { counted, type Trial } from '../support/trials.ts';
import { lookUntil } from '../support/until.ts';

const LIMIT = { limitMs: 180_000 };
/** Few at a time: a cache that is left out when there is much to do is another criterion's matter. */
const WIDTH = 6;

check(
  'efficiency.cache.ttl',
  async (run) => {
    const trials = await times(run, run.sized({ quick: 6, full: 12 }), () => outlives(run));
    return counted(trials, 'kept answers were asked for again when their time was up');
  },
  LIMIT,
);

check(
  'efficiency.cache.invalidation',
  async (run) => {
    const trials = await times(run, run.sized({ quick: 10, full: 40 }), () => endedHere(run));
    return counted(trials, 'kept answers were asked for again after what they rest on had changed');
  },
  LIMIT,
);

function times(run: SuiteRun, count: number, work: () => Promise<Trial>): Promise<readonly Trial[]> {
  return inParallel(Array.from({ length: count }), { width: WIDTH, signal: run.signal }, work);
}

/**
 * Kept, changed, asked again, all at one instance: from the acknowledgement on nothing from before may be served. Where another service takes
 * the change, the instance hears of it as another instance would.
 */
async function endedHere(run: SuiteRun): Promise<Trial> {
  const { write, invalidate, instances, stalenessMs } = cacheOf(run);
  const how = write === undefined ? 'invalidate' : 'write';
  const taker = (write ?? invalidate)?.service;
  const subject = newSubject(run);
  const kept = await keep(run, subject);
  if (kept === null) return { kind: 'silent', why: 'the answer was not kept, however often it was asked for' };
  const ended = await end(run, subject, how);
  if (ended.answer.outcome !== 'ok') return { kind: 'silent', why: `the ${how} was not acknowledged: ${describeAnswer(ended.answer)}` };
  const after = await lookUntil(
    () => askKept(run, subject),
    (seen) => isFromBefore(run, seen, ended) !== true,
    { withinMs: taker === undefined || instances.includes(taker) ? 0 : stalenessMs, signal: run.signal },
  );
  const isOld = isFromBefore(run, after, ended);
  if (isOld === null)
    return { kind: 'silent', why: `the answer after the ${how} does not say where it is from: ${describeAnswer(after.answer)}` };
  const late = Math.round(after.startMs - ended.endMs);
  if (!isOld) return { kind: 'held', note: `"${subject.text}" was made anew when it was asked for ${late} ms after the ${how}` };
  const seen = after.value === null ? 'was not made anew' : `shows "${after.value.slice(0, 60)}" instead of "${ended.value}"`;
  return {
    kind: 'broken',
    problem: `"${subject.text}" in workspace ${subject.workspace}: an answer asked for ${late} ms after the ${how} was acknowledged ${seen}`,
  };
}
