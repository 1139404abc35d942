import { setTimeout as delay } from 'node:timers/promises';
import { NotMeasured, type Observed, type SuiteRun } from '../../harness/index.ts';
import { inParallel } from '../support/in-parallel.ts';
import {
  askKept,
  cacheOf,
  describeAnswer,
  end,
  isFromBefore,
  newSubject,
  type Ended,
  type Kept,
  waysToEnd,
} from '../support/kept-answers.ts';
import { counted, type Trial } from '../support/trials.ts';

/** A change is sent when this share of what comes before the making is over, as it was lately: a little late, and then more. */
const SHARES = [0.8, 1, 1.3, 0.6];
/** What is not made comes before the making until more is known. */
const FIRST_GUESS_MS = 4;
/** So many tries at a time: more of them would only wait for each other. */
const WIDTH = 2;

interface Search {
  /** Tries in which the change was acknowledged before the answer was out; no more are made then. */
  readonly wanted: number;
  readonly most: number;
}

/** What a try showed, and how long what comes before the making took in it. */
interface Try {
  readonly trial: Trial;
  readonly wasOvertaken: boolean;
  readonly aroundMs: number | null;
}

/** @throws NotMeasured when no change fell into the making of an answer. */
export async function overtakings(run: SuiteRun, { wanted, most }: Search): Promise<Observed> {
  requireProof(run);
  const ways = waysToEnd(run).toReversed();
  const tries: Try[] = [];
  await inParallel(Array.from({ length: most }), { width: WIDTH, signal: run.signal }, async (_, turn) => {
    if (tries.filter(({ wasOvertaken }) => wasOvertaken).length >= wanted) return;
    const how = ways[turn % ways.length];
    if (how === undefined) throw new NotMeasured('neither `cache.write` nor `cache.invalidate` is bound');
    const share = SHARES[Math.floor(turn / ways.length) % SHARES.length] ?? 1;
    tries.push(await overtake(run, how, share * (lately(tries) ?? FIRST_GUESS_MS)));
  });
  const overtaken = tries.filter(({ wasOvertaken }) => wasOvertaken).length;
  const seen = counted(
    tries.map(({ trial }) => trial),
    'answers were being made when a change was sent, and were asked for again after it',
  );
  if (overtaken === 0) throw new NotMeasured(`of ${tries.length} changes none was acknowledged while an answer was still being made`);
  const saw = `in ${overtaken} of them the change was acknowledged before the answer was out`;
  return { ...seen, witnesses: [...(seen.witnesses ?? []), { source: 'order', saw }] };
}

/** The middle of the last few. */
function lately(tries: readonly Try[]): number | null {
  const last = tries.flatMap(({ aroundMs }) => aroundMs ?? []).slice(-9);
  return last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)] ?? null;
}

/**
 * While an answer is being made, what it rests on changes. The answer may be given to who asked before the change, but it may not be kept for
 * those who ask after it. It counts when it is certain that the making had begun before the change was sent.
 */
async function overtake(run: SuiteRun, how: Ended['how'], laterMs: number): Promise<Try> {
  const subject = newSubject(run);
  const asking = askKept(run, subject);
  await delay(laterMs);
  const ended = await end(run, subject, how);
  const first = await asking;
  const aroundMs = first.madeMs === null ? null : first.endMs - first.startMs - first.madeMs;
  const silent = (why: string): Try => ({ trial: { kind: 'silent', why }, wasOvertaken: false, aroundMs });
  if (ended.answer.outcome !== 'ok') return silent(`the ${how} was not acknowledged: ${describeAnswer(ended.answer)}`);
  if (!wasBegun(run, first, ended)) return silent('the change did not fall into the time in which the answer was made');
  const second = await askKept(run, subject);
  const isOld = isFromBefore(run, second, ended);
  if (isOld === null) return silent(`the second answer does not say where it is from: ${describeAnswer(second.answer)}`);
  const earlyMs = Math.round(first.endMs - ended.endMs);
  const order = `the ${how} was acknowledged ${Math.abs(earlyMs)} ms ${earlyMs > 0 ? 'before' : 'after'} the answer was out`;
  const name = `"${subject.text}" in workspace ${subject.workspace}`;
  const trial: Trial = isOld
    ? { kind: 'broken', problem: `${name}: ${order}; who asked next still got the answer from before it` }
    : { kind: 'held', note: `${order}; who asked next got a new one` };
  return { trial, wasOvertaken: earlyMs > 0, aroundMs };
}

function requireProof(run: SuiteRun): void {
  const { read } = cacheOf(run);
  if (read.madeMs === undefined && read.value === undefined)
    throw new NotMeasured(
      'neither `cache.read.madeMs` nor `cache.read.value` is bound: nobody can say whether an answer was made before a change or after it',
    );
}

/** When the answer shows what was written, it needs no more proof; else its making must have begun before the change was on its way. */
function wasBegun(run: SuiteRun, first: Kept, ended: Ended): boolean {
  if (first.answer.outcome !== 'ok' || first.endMs < ended.startMs) return false;
  if (ended.how === 'write' && cacheOf(run).read.value !== undefined) return true;
  return first.isMade === true && first.madeMs !== null && first.endMs - first.madeMs < ended.startMs;
}
