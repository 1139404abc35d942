import { randomUUID } from 'node:crypto';
import { createPostgresWitness, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import type { Append } from './append-ledger.ts';
import { pageLength } from './paged.ts';

/** A key of the target's register, in a workspace of its own: limits per workspace are not what is tested here. */
export interface RegisterKey {
  readonly workspace: string;
  readonly key: string;
}

/** Makes `count` keys. Throws NotMeasured when the target does not make them: there is nothing to append to. */
export async function makeKeys(run: SuiteRun, count: number): Promise<readonly RegisterKey[]> {
  const keys: RegisterKey[] = [];
  for (let index = 0; index < count; index += 1) {
    const [op, workspace] = [randomUUID(), run.workspace()];
    const created = await run.target.register.createKey({ workspace, op, name: `muster-${index}-${op.slice(0, 8)}` });
    if (created.key === null)
      throw new NotMeasured(
        `no key could be made in the register: ${created.answer?.error ?? `status ${created.answer?.status ?? 'none'}`}`,
      );
    keys.push({ workspace, key: created.key });
  }
  return keys;
}

/** Deals keys out in turn. */
export function pick(keys: readonly RegisterKey[], index: number): RegisterKey {
  const key = keys[index % keys.length];
  if (key === undefined) throw new NotMeasured('there is no key to append to');
  return key;
}

/** One append with a value nobody else uses; what the caller saw of it. */
export async function append(run: SuiteRun, { workspace, key }: RegisterKey, signal?: AbortSignal): Promise<Append> {
  const value = randomUUID();
  const startMs = run.now();
  const answer = await run.target.register.append(
    { workspace, key, value, op: randomUUID(), agent: key },
    signal === undefined ? {} : { signal },
  );
  return { key, value, outcome: answer.outcome, startMs, endMs: run.now() };
}

/** What the target itself shows of each key, and (second witness) what its database holds. */
export async function readBack(
  run: SuiteRun,
  keys: readonly RegisterKey[],
): Promise<{ readonly shown: ReadonlyMap<string, readonly string[]>; readonly stored: ReadonlyMap<string, readonly string[]> | null }> {
  const shown = new Map<string, readonly string[]>();
  for (const { workspace, key } of keys) {
    const read = await run.target.register.read({ workspace, key, op: randomUUID() });
    if (read.values === null)
      throw new NotMeasured(
        `the register could not be read back: ${read.answer.error ?? `status ${read.answer.status ?? 'none'} without a readable list`}`,
      );
    shown.set(key, read.values);
  }
  const stored = await storedValues(run, keys);
  const length = stored && pageLength([...shown].map(([key, values]) => ({ shown: values, stored: stored.get(key) ?? [] })));
  if (length !== null)
    throw new NotMeasured(
      `the register shows ${length} values of lists that are longer in the database: \`register.read\` has to ask for more than one page`,
    );
  return { shown, stored };
}

async function storedValues(run: SuiteRun, keys: readonly RegisterKey[]): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const sql = run.spec.bindings.register?.stored;
  if (sql === undefined) return null;
  const adminUrl = await run.adminUrl('postgres');
  const witness = createPostgresWitness({ url: adminUrl, timeoutMs: 5_000 });
  try {
    const stored = new Map<string, readonly string[]>();
    for (const { key } of keys) {
      const read = await witness.values(sql, key);
      if (!read.ok) throw new NotMeasured(`the database could not be asked for what it holds of ${key}: ${read.problem}`);
      stored.set(key, read.values);
    }
    return stored;
  } finally {
    await witness[Symbol.asyncDispose]();
  }
}
