import type { SuiteRun } from '../../harness/index.ts';
import { askKept, cacheOf, describeAnswer, end, isFromBefore, keep, newSubject, type Ended } from '../support/kept-answers.ts';
import type { Trial } from '../support/trials.ts';
import { lookUntil } from '../support/until.ts';

/** The look that decides may have to wait for its turn. */
const LAST_LOOK_MS = 10_000;

interface Roles {
  readonly how: Ended['how'];
  /** Is told of the change. */
  readonly told: string;
  /** Has to hear of it. */
  readonly other: string;
}

/** Both instances keep the answer, one is told that it is out of date: soon afterwards the other may not serve it either. */
export async function keptAcross(run: SuiteRun, { how, told, other }: Roles): Promise<Trial> {
  const subject = newSubject(run);
  const isKept = (await keep(run, subject, told)) !== null && (await keep(run, subject, other)) !== null;
  // Asked once more, what it fetched from a shared store has become its own.
  if (!isKept || (await keep(run, subject, other)) === null)
    return { kind: 'silent', why: `the answer was not kept by both ${told} and ${other}, however often it was asked for` };
  const ended = await end(run, subject, how, told);
  if (ended.answer.outcome !== 'ok') return { kind: 'silent', why: `the ${how} was not acknowledged: ${describeAnswer(ended.answer)}` };
  const { stalenessMs } = cacheOf(run);
  const last = await lookUntil(
    () => askKept(run, subject, other),
    // Only who asks after the declared time is over must not get the old one.
    (kept) => isFromBefore(run, kept, ended) !== true || kept.startMs - ended.endMs > stalenessMs,
    { withinMs: stalenessMs + LAST_LOOK_MS, signal: run.signal },
  );
  const lateMs = Math.round(last.startMs - ended.endMs);
  const isOld = isFromBefore(run, last, ended);
  if (isOld === null)
    return { kind: 'silent', why: `the answer of ${other} does not say where it is from: ${describeAnswer(last.answer)}` };
  if (!isOld) return { kind: 'held', note: `${other} made the answer anew ${lateMs} ms after ${told} had acknowledged the ${how}` };
  return {
    kind: 'broken',
    problem: `${other} served "${subject.text}" (workspace ${subject.workspace}) from before the ${how} still ${lateMs} ms after ${told} had acknowledged it`,
  };
}
