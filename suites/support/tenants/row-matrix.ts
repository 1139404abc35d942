import { DatabaseError, escapeIdentifier, type Client, type QueryResult } from 'pg';
import { NotMeasured } from '../../../harness/index.ts';

export interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

export interface Matrix {
  readonly attempts: readonly Attempt[];
  /** What could not be tried, one sentence each. */
  readonly untried: readonly string[];
}

export interface Crossing {
  /** Two tenants that nobody else uses: only their rows are ever touched. */
  readonly a: string;
  readonly b: string;
  readonly column: string;
  /** The setting by which a session says whose it is. */
  readonly setting: string;
}

/** Row security refuses with it, and so do missing privileges. */
const REFUSED = '42501';
/** Integrity constraints: they are looked at after row security has let a row through. */
const CONSTRAINT = /^23/;

/**
 * What the services' own role reaches of tenant A: without saying who it is, and as tenant B. Every step is a transaction that is rolled
 * back. `client` is a new session of that role: the first looks rest on it never having said who it is.
 */
export async function tryMatrix(client: Client, tables: readonly string[], crossing: Crossing): Promise<Matrix> {
  const found: { readonly attempts: Attempt[]; readonly untried: string[] } = { attempts: [], untried: [] };
  for (const table of tables) found.attempts.push(await reached(client, stepOf('unset', table, crossing)));
  for (const table of tables) {
    const own = await rows(client, { ...stepOf('own', table, crossing), tenant: crossing.a });
    if (typeof own === 'string' || own === 0) {
      found.untried.push(`${table} ${typeof own === 'string' ? `could not be read as tenant A: ${own}` : 'has no row of tenant A'}`);
      continue;
    }
    for (const kind of ['emptied', 'read', 'update', 'delete'] as const)
      found.attempts.push(await reached(client, stepOf(kind, table, crossing)));
    const written = await copied(client, table, crossing);
    if (typeof written === 'string') found.untried.push(written);
    else found.attempts.push(written);
  }
  return found;
}

type Kind = 'unset' | 'own' | 'emptied' | 'read' | 'update' | 'delete';

interface Step {
  readonly title: string;
  readonly sql: string;
  /** What the setting says; null: the session says nothing. */
  readonly tenant: string | null;
  readonly of: string;
  readonly setting: string;
}

const COUNT = 'select count(*)::int as rows from';

function stepOf(kind: Kind, table: string, { a, b, column, setting }: Crossing): Step {
  const col = escapeIdentifier(column);
  const ofA = `where ${col}::text = $1`;
  const step = (title: string, sql: string, tenant: string | null): Step => ({ title: `${table}: ${title}`, sql, tenant, of: a, setting });
  switch (kind) {
    case 'unset':
      return step(`a session that has not said who it is reads rows of tenant A`, `${COUNT} ${table} ${ofA}`, null);
    case 'emptied':
      return step('a session whose tenant is empty reads rows of tenant A', `${COUNT} ${table} ${ofA}`, '');
    case 'update':
      return step('tenant B updates rows of tenant A', `update ${table} set ${col} = ${col} ${ofA}`, b);
    case 'delete':
      return step('tenant B deletes rows of tenant A', `delete from ${table} ${ofA}`, b);
    default:
      return step('tenant B reads rows of tenant A', `${COUNT} ${table} ${ofA}`, b);
  }
}

async function reached(client: Client, step: Step): Promise<Attempt> {
  const found = await rows(client, step);
  if (typeof found === 'string') return { ok: true, note: `${step.title}: refused (${found})` };
  return { ok: found === 0, note: `${step.title}: ${found}` };
}

/** How many rows a step reached, or why the server refused it. */
async function rows(client: Client, { sql, tenant, of, setting }: Step): Promise<number | string> {
  return rolledBack(client, async () => {
    if (tenant !== null) await become(client, setting, tenant);
    try {
      const result: QueryResult<{ readonly rows?: number }> = await client.query(sql, [of]);
      return result.rows[0]?.rows ?? result.rowCount ?? 0;
    } catch (error) {
      return refusalOf(error);
    }
  });
}

/** A row of tenant A, written again by tenant B. Row security is asked before any constraint. */
async function copied(client: Client, table: string, { a, b, column, setting }: Crossing): Promise<Attempt | string> {
  const title = `${table}: tenant B inserts a row of tenant A`;
  const row = await rolledBack(client, async () => {
    await become(client, setting, a);
    const sql = `select to_jsonb(t) as row from ${table} t where ${escapeIdentifier(column)}::text = $1 limit 1`;
    try {
      return (await client.query<{ readonly row: unknown }>(sql, [a])).rows[0] ?? 'there is no row any more';
    } catch (error) {
      return refusalOf(error);
    }
  });
  if (typeof row === 'string') return `${title}: could not be tried without a row of tenant A: ${row}`;
  const columns = await writableColumns(client, table);
  return rolledBack(client, async () => {
    await become(client, setting, b);
    try {
      await client.query(
        `insert into ${table} (${columns}) overriding system value select ${columns} from jsonb_populate_record(null::${table}, $1::jsonb)`,
        [JSON.stringify(row.row)],
      );
      return { ok: false, note: `${title}: accepted` };
    } catch (error) {
      const refusal = refusalOf(error);
      const code = error instanceof DatabaseError ? (error.code ?? '') : '';
      if (code === REFUSED) return { ok: true, note: `${title}: refused (${refusal})` };
      if (CONSTRAINT.test(code)) return { ok: false, note: `${title}: let through, and stopped by a constraint only (${refusal})` };
      return `${title}: could not be tried, the server said ${refusal}`;
    }
  });
}

async function writableColumns(client: Client, table: string): Promise<string> {
  const { rows: found } = await client.query<{ readonly names: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return found[0]?.names ?? '';
}

async function become(client: Client, setting: string, tenant: string): Promise<void> {
  await client.query('select set_config($1, $2, true)', [setting, tenant]);
}

async function rolledBack<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = '2s'`);
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** Missing privileges and policies, unknown settings, a text that is no tenant, an exception of the target's own: each leaves the rows alone. */
const REFUSALS = /^(?:42501|42704|22...|P0001|23...)$/;

/** What the server said. @throws NotMeasured when it was stopped by something else: that is no refusal. */
function refusalOf(error: unknown): string {
  if (!(error instanceof DatabaseError)) throw error;
  const said = `${error.code ?? 'no code'} ${error.message}`;
  if (!REFUSALS.test(error.code ?? '')) throw new NotMeasured(`row security could not be tried, the server said ${said}`);
  return said;
}
