import { randomUUID } from 'node:crypto';
import { createPostgresWitness, extract, NotMeasured, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';
import { lookUntil } from './until.ts';

/** A list may be a moment behind. */
const SHOWN_WITHIN_MS = 3_000;

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
export async function repeat(run: SuiteRun, copies: number): Promise<Repeated> {
  const { send } = run.target.requireBinding('idempotent');
  const subject = await subjectOf(run);
  const [key, value, otherValue] = [randomUUID(), randomUUID(), randomUUID()];
  const post = (sent: string): Promise<Answer> => run.target.request(send.http, { ...subject, key, value: sent });
  const together = await Promise.all(Array.from({ length: copies }, () => post(value)));
  const again = await post(value);
  const other = await post(otherValue);
  const isDone = [...together, again].some(({ outcome }) => outcome === 'ok');
  const shown = await shownIn(run, { ...subject, key, value, isDone });
  return { value, key, together, again, other, otherValue, shown, stored: await storedOf(run, [value, otherValue]) };
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

/** What was acknowledged is waited for. */
async function shownIn(
  run: SuiteRun,
  { isDone, ...variables }: Subject & { readonly key: string; readonly value: string; readonly isDone: boolean },
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
    { withinMs: SHOWN_WITHIN_MS, signal: run.signal },
  );
  return values && ((value) => values.filter((found) => found === value).length);
}

async function storedOf(run: SuiteRun, values: readonly string[]): Promise<((value: string) => number) | null> {
  const { effect } = run.target.requireBinding('idempotent');
  if (effect === undefined) return null;
  const witness = createPostgresWitness({ url: await run.adminUrl('postgres'), timeoutMs: 5_000 });
  try {
    const counts = new Map<string, number>();
    for (const value of values) {
      const read = await witness.count(effect, value);
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
  const done = [...together, again].filter(({ outcome }) => outcome === 'ok');
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
    ...(other.outcome === 'ok' && done.length > 0 && !answers.includes(same(other))
      ? [`${name}: sent with another value it did something new (${same(other) ?? 'unnamed'})`]
      : []),
    ...[['shown by the target', repeated.shown] as const, ['in the database', repeated.stored] as const].flatMap(([where, count]) =>
      count === null ? [] : effectProblems({ name, where, first: count(value), second: count(otherValue), isDone: done.length > 0 }),
    ),
  ];
}

interface Effects {
  readonly name: string;
  readonly where: string;
  readonly first: number;
  readonly second: number;
  readonly isDone: boolean;
}

function effectProblems({ name, where, first, second, isDone }: Effects): readonly string[] {
  return [
    ...(first > 1 ? [`${name}: sent several times at once it was done ${first} times (${where})`] : []),
    ...(isDone && first === 0 ? [`${name}: it was acknowledged and is not there (${where})`] : []),
    ...(isDone && first > 0 && second > 0 ? [`${name}: a request with another value and the same key was done as well (${where})`] : []),
  ];
}
