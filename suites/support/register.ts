import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { withPostgres } from './stores.ts';
import type { Append } from './append-ledger.ts';

/** Keys of the target's register in one workspace, and what happened to them. */
export interface RegisterWork {
  readonly workspace: string;
  readonly keys: readonly string[];
}

/** Makes `count` keys. Throws NotMeasured when the target does not make them: there is nothing to append to. */
export async function makeKeys(run: SuiteRun, count: number): Promise<RegisterWork> {
  const workspace = run.workspace();
  const keys: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const op = randomUUID();
    const created = await run.target.register.createKey({ workspace, op, name: `muster-${index}-${op.slice(0, 8)}` });
    if (created.key === null) throw new NotMeasured(`no key could be made in the register: ${created.answer?.error ?? `status ${created.answer?.status ?? 'none'}`}`);
    keys.push(created.key);
  }
  return { workspace, keys };
}

/** One append with a value nobody else uses; what the caller saw of it. */
export async function append(run: SuiteRun, { workspace, key }: { readonly workspace: string; readonly key: string }, signal?: AbortSignal): Promise<Append & { readonly durationMs: number }> {
  const value = randomUUID();
  const answer = await run.target.register.append({ workspace, key, value, op: randomUUID(), agent: key }, signal === undefined ? {} : { signal });
  return { key, value, outcome: answer.outcome, durationMs: answer.durationMs };
}

/** What the target itself shows of each key, and (second witness) what its database holds. */
export async function readBack(run: SuiteRun, { workspace, keys }: RegisterWork): Promise<{ readonly shown: ReadonlyMap<string, readonly string[]>; readonly stored: ReadonlyMap<string, readonly string[]> | null }> {
  const shown = new Map<string, readonly string[]>();
  for (const key of keys) {
    const read = await run.target.register.read({ workspace, key, op: randomUUID() });
    if (read.values === null) throw new NotMeasured(`the register could not be read back: ${read.answer.error ?? `status ${read.answer.status ?? 'none'}`}`);
    shown.set(key, read.values);
  }
  return { shown, stored: await storedValues(run, keys) };
}

async function storedValues(run: SuiteRun, keys: readonly string[]): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const sql = run.spec.bindings.register?.stored;
  if (sql === undefined) return null;
  const { adminUrl } = await run.service('postgres');
  return withPostgres(adminUrl, async (client) => {
    const stored = new Map<string, readonly string[]>();
    for (const key of keys) {
      const result = await client.query<{ value: string }>(sql, [key]);
      stored.set(key, result.rows.map((row) => row.value));
    }
    return stored;
  });
}
