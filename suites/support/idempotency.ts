import { randomUUID } from 'node:crypto';
import { createPostgresWitness, extract, NotMeasured, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';
import { lookUntil } from './until.ts';

interface Patience {
  /** A list may be a moment behind; what was only accepted (202) takes longer. */
  readonly shownMs: number;
  readonly acceptedMs: number;
  /** So long a repetition may be told that the first one is still under way. */
  readonly underWayMs: number;
}

const PATIENCE: Patience = { shownMs: 3_000, acceptedMs: 10_000, underWayMs: 5_000 };
/** Conflict, locked, too early: the first one is not over. */
const UNDER_WAY = [409, 423, 425];
/** Answers alone do not make a list longer than this: each may have done it once. */
const BESIDE = 3;

/** One request that was sent several times: what came of it. */
export interface Repeated {
  readonly value: string;
  readonly key: string;
  /** Sent at once, with the same key and the same value. */
  readonly together: readonly Answer[];
  /** Sent once more after all of them. */
  readonly again: Answer;
  /** Sent at last with the same key and another value. */
  readonly other: Answer;
  readonly otherValue: string;
  /** How often each value was done, as the target shows it and as its database does; null where that is not bound or could not be seen. */
  readonly shown: ((value: string) => number) | null;
  readonly stored: ((value: string) => number) | null;
}

/** Sends one request `copies` times at once, and once more. */
export async function repeat(run: SuiteRun, copies: number, patience = PATIENCE): Promise<Repeated> {
  const { send } = run.target.requireBinding('idempotent');
  const subject = await subjectOf(run);
  const [key, value, otherValue] = [randomUUID(), randomUUID(), randomUUID()];
  const post = (sent: string): Promise<Answer> => run.target.request(send.http, { ...subject, key, value: sent });
  const together = await Promise.all(Array.from({ length: copies }, () => post(value)));
  const isOver = (answer: Answer): boolean => !isUnderWay(answer, sameIn(send.same)(answer));
  const again = await lookUntil(() => post(value), isOver, { withinMs: patience.underWayMs, signal: run.signal });
  const other = await post(otherValue);
  const done = [...together, again].filter(({ outcome }) => outcome === 'ok');
  const isAtOnce = done.length === 0 || done.some(({ status }) => status !== 202);
  const waiting = { isDone: done.length > 0, withinMs: isAtOnce ? patience.shownMs : patience.acceptedMs };
  const shown = await shownIn(run, { ...subject, key, value }, { ...waiting, most: copies + BESIDE });
  return { value, key, together, again, other, otherValue, shown, stored: await storedOf(run, [value, otherValue], waiting) };
}

/** What the answer is to have in common with the others, as text; null: it has nothing of it. */
export function sameIn(expression: string): (answer: Answer) => string | null {
  return ({ json }) => {
    const value = extract(expression, json);
    if (value === undefined || value === null) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
}

/** The answer says that the request is not over yet, or that it was not looked at. */
function isUnderWay({ status, outcome }: Answer, same: string | null): boolean {
  return outcome === 'shed' || (status !== null && UNDER_WAY.includes(status)) || (status === 202 && same === null);
}

interface Waiting {
  readonly isDone: boolean;
  readonly withinMs: number;
}

interface Subject {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
}

async function subjectOf(run: SuiteRun): Promise<Subject> {
  const { create } = run.target.requireBinding('idempotent');
  const [workspace, name] = [run.workspace(), `muster-${randomUUID().slice(0, 8)}`];
  if (create === undefined) return { workspace, name, id: name };
  const answer = await run.target.request(create.http, { workspace, name, id: '', key: randomUUID(), value: '' });
  const id = answer.outcome === 'ok' ? textIn(create.id, answer.json) : null;
  if (id === null)
    throw new NotMeasured(`nothing could be made to send requests to: ${answer.error ?? `status ${answer.status ?? 'none'}`}`);
  return { workspace, name, id };
}

/**
 * What was acknowledged is waited for. A list that does not show it, and holds more than can have come of these requests, may show a page of all
 * there is: then nothing was seen.
 */
async function shownIn(
  run: SuiteRun,
  variables: Subject & { readonly key: string; readonly value: string },
  { isDone, withinMs, most }: Waiting & { readonly most: number },
): Promise<((value: string) => number) | null> {
  const { read } = run.target.requireBinding('idempotent');
  if (read === undefined) return null;
  const values = await lookUntil(
    async () => {
      const answer = await run.target.request(read.http, { ...variables });
      const items = answer.outcome === 'ok' ? extract(read.items, answer.json) : undefined;
      return Array.isArray(items) ? items.map((item: unknown) => textIn(read.value, item)) : null;
    },
    (seen) => !isDone || seen?.includes(variables.value) === true,
    { withinMs, signal: run.signal },
  );
  if (values === null || (isDone && values.length > most && !values.includes(variables.value))) return null;
  return (value) => values.filter((found) => found === value).length;
}

/** Of the values the first is the one that was acknowledged. */
async function storedOf(
  run: SuiteRun,
  values: readonly string[],
  { isDone, withinMs }: Waiting,
): Promise<((value: string) => number) | null> {
  const { effect } = run.target.requireBinding('idempotent');
  if (effect === undefined) return null;
  const witness = createPostgresWitness({ url: await run.adminUrl('postgres'), timeoutMs: 5_000 });
  try {
    const counts = new Map<string, number>();
    for (const [place, value] of values.entries()) {
      const isThere = (seen: Awaited<ReturnType<typeof witness.count>>): boolean => !isDone || place > 0 || !seen.ok || seen.value > 0;
      const read = await lookUntil(() => witness.count(effect, value), isThere, { withinMs, signal: run.signal });
      if (!read.ok) throw new NotMeasured(`the database could not be asked how often ${value} was done: ${read.problem}`);
      counts.set(value, read.value);
    }
    return (value) => counts.get(value) ?? 0;
  } finally {
    await witness[Symbol.asyncDispose]();
  }
}

/** Everything that breaks "sent often, done once, answered alike", in sentences. */
export function repeatProblems(
  { together, again, other, ...repeated }: Repeated,
  same: (answer: Answer) => string | null,
): readonly string[] {
  const { key, value, otherValue } = repeated;
  const done = doneIn([...together, again], same);
  const isAtOnce = done.some(({ status }) => status !== 202);
  const answers = [...new Set(done.map(same))];
  const name = `key ${key}`;
  return [
    ...(answers.length > 1
      ? [`${name}: ${done.length} answers to one request tell of ${answers.length} things: ${answers.slice(0, 3).join(', ')}`]
      : []),
    ...(answers.includes(null) ? [`${name}: an accepted request was answered without what \`same\` names`] : []),
    // One without an answer may still be under way, and be a reason to refuse another.
    ...(done.length > 0 && again.outcome === 'rejected' && together.every(({ outcome }) => outcome !== 'unknown')
      ? [`${name}: the request was done, and sent again it was refused with ${again.status ?? 'nothing'}`]
      : []),
    ...(doneIn([other], same).length > 0 && done.length > 0 && !answers.includes(same(other))
      ? [`${name}: sent with another value it did something new (${same(other) ?? 'unnamed'})`]
      : []),
    ...[['shown by the target', repeated.shown] as const, ['in the database', repeated.stored] as const].flatMap(([where, count]) =>
      count === null
        ? []
        : effectProblems({ name, where, first: count(value), second: count(otherValue), isDone: done.length > 0, isAtOnce }),
    ),
  ];
}

/** What was acknowledged; that something is under way is no acknowledgement of what came of it. */
function doneIn(answers: readonly Answer[], same: (answer: Answer) => string | null): readonly Answer[] {
  return answers.filter((answer) => answer.outcome === 'ok' && !isUnderWay(answer, same(answer)));
}

/** One was acknowledged, and how often it was done could be seen; what was only accepted may be done later than anybody waits. */
export function isSeen({ together, again, value, shown, stored }: Repeated, same: (answer: Answer) => string | null): boolean {
  const done = doneIn([...together, again], same);
  const counts = [shown, stored].flatMap((count) => (count === null ? [] : [count(value)]));
  return counts.length > 0 && (done.some(({ status }) => status !== 202) || (done.length > 0 && counts.some((count) => count > 0)));
}

interface Effects {
  readonly name: string;
  readonly where: string;
  readonly first: number;
  readonly second: number;
  readonly isDone: boolean;
  /** Not only accepted, to be done later. */
  readonly isAtOnce: boolean;
}

function effectProblems({ name, where, first, second, isDone, isAtOnce }: Effects): readonly string[] {
  return [
    ...(first > 1 ? [`${name}: sent several times at once it was done ${first} times (${where})`] : []),
    ...(isAtOnce && first === 0 ? [`${name}: it was acknowledged and is not there (${where})`] : []),
    ...(isDone && first > 0 && second > 0 ? [`${name}: a request with another value and the same key was done as well (${where})`] : []),
  ];
}
