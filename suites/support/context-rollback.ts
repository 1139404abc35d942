import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { type ContextAt, headNow, headWhere, makeContext, requireHead, rollBack, type Written, writeOn } from './context.ts';

/** Versions that are written before the first rollback. */
const VERSIONS = 4;
/** Writers beside a rollback. */
const WRITERS = 3;

export interface Rollbacks {
  /** Rollbacks that were answered for certain. */
  readonly trials: number;
  readonly problems: readonly string[];
}

/** Rolls one context back to each of its versions, to one that is not there, and while others write. */
export async function rollBackAll(run: SuiteRun): Promise<Rollbacks> {
  const at = await makeContext(run);
  const valueOf = await writeVersions(run, at);
  const done: Rollbacks[] = [];
  const versions = [...valueOf.keys()];
  for (const version of versions.slice(0, -1)) done.push(await backTo(run, at, { version, value: valueOf.get(version) ?? '' }));
  done.push(await backToNothing(run, at));
  const [first] = versions;
  if (first !== undefined) done.push(await backWhileWriting(run, at, { version: first, value: valueOf.get(first) ?? '' }));
  return { trials: done.reduce((sum, { trials }) => sum + trials, 0), problems: done.flatMap(({ problems }) => problems) };
}

interface Target {
  readonly version: number;
  readonly value: string;
}

async function writeVersions(run: SuiteRun, at: ContextAt): Promise<ReadonlyMap<number, string>> {
  const values = new Map<number, string>();
  let { version: base } = await requireHead(run, at);
  for (let index = 0; index < VERSIONS; index += 1) {
    const value = randomUUID();
    const { version, answer } = await writeOn(run, at, { base, value });
    if (version === null)
      throw new NotMeasured(
        `no version could be written to roll back to: ${answer.error ?? `status ${answer.status ?? 'none'} without a version`}`,
      );
    values.set(version, value);
    base = version;
  }
  return values;
}

async function backTo(run: SuiteRun, at: ContextAt, { version, value }: Target): Promise<Rollbacks> {
  const before = await headNow(run, at);
  const rolled = await rollBack(run, at, version);
  if (rolled.seen === 'unknown') return { trials: 0, problems: [] };
  const expected = before.version + 1;
  const after = await headWhere(run, at, (head) => head.version === expected && head.value === value);
  const name = `${at.name} of ${at.id}: the rollback from version ${before.version} to ${version}`;
  return {
    trials: 1,
    problems: [
      ...(rolled.seen === 'refused' ? [`${name} was refused with ${rolled.answer.status ?? 'nothing'}`] : []),
      ...(rolled.seen === 'accepted' && rolled.version !== expected
        ? [`${name} was answered with version ${rolled.version ?? 'nothing'} instead of ${expected}`]
        : []),
      ...(rolled.seen === 'accepted' && (after.version !== expected || after.value !== value)
        ? [
            `${name} left ${after.value ?? 'nothing'} as version ${after.version}; version ${version} was ${value}, the new one should be ${expected}`,
          ]
        : []),
    ],
  };
}

async function backToNothing(run: SuiteRun, at: ContextAt): Promise<Rollbacks> {
  const before = await headNow(run, at);
  const missing = before.version + 1_000;
  const rolled = await rollBack(run, at, missing);
  if (rolled.seen === 'unknown') return { trials: 0, problems: [] };
  const after = await headNow(run, at);
  const name = `${at.name} of ${at.id}: the rollback to version ${missing}, which is not there,`;
  return {
    trials: 1,
    problems: [
      ...(rolled.seen === 'accepted' ? [`${name} was accepted`] : []),
      ...(after.version !== before.version || after.value !== before.value
        ? [`${name} changed version ${before.version} to ${after.version}`]
        : []),
    ],
  };
}

/** Every accepted change has a version of its own, and what is there at last is what the last of them wrote. */
async function backWhileWriting(run: SuiteRun, at: ContextAt, { version, value }: Target): Promise<Rollbacks> {
  const before = await headNow(run, at);
  const values = Array.from({ length: WRITERS }, () => randomUUID());
  const [rolled, ...writes] = await Promise.all([
    rollBack(run, at, version),
    ...values.map((written) => writeOn(run, at, { base: before.version, value: written })),
  ]);
  const changes = [{ ...rolled, value }, ...writes.map((write, index) => ({ ...write, value: values[index] ?? '' }))];
  if (changes.some(({ seen }) => seen === 'unknown') || rolled.seen !== 'accepted') return { trials: 0, problems: [] };
  const after = await headNow(run, at);
  return {
    trials: 1,
    problems: raceProblems(`${at.name} of ${at.id}: a rollback to version ${version} beside ${WRITERS} writes`, changes, { before, after }),
  };
}

interface Heads {
  readonly before: { readonly version: number };
  readonly after: { readonly version: number; readonly value: string | null };
}

/** What is wrong with changes that were made at once, none of unknown outcome. */
export function raceProblems(
  name: string,
  changes: readonly (Pick<Written, 'seen' | 'version'> & { readonly value: string })[],
  { before, after }: Heads,
): readonly string[] {
  const accepted = changes.filter(({ seen }) => seen === 'accepted');
  const versions = accepted.map(({ version }) => version);
  const list = versions.join(', ');
  const last = accepted.find(({ version }) => version === after.version);
  return [
    ...(new Set(versions).size < versions.length ? [`${name}: accepted as versions ${list}, one of them twice`] : []),
    ...(after.version !== before.version + accepted.length
      ? [`${name}: ${accepted.length} were accepted after version ${before.version}, and version ${after.version} is there`]
      : []),
    ...(last !== undefined && last.value !== after.value
      ? [`${name}: version ${after.version} holds ${after.value ?? 'nothing'}, it was given for ${last.value}`]
      : []),
  ];
}
