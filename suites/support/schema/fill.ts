import pg from 'pg';
import { OBSERVER } from '../stores.ts';
import { filledTables, startCanary, type Stall } from './lock-canary.ts';
import { runMigrations, type ProgramRun } from './migration-program.ts';
import type { Migrations, Program, Site } from './site.ts';

const LIMIT_MS = 240_000;

/** What readers and writers waited while a migration was applied. */
export interface Stalls {
  readonly samples: readonly Stall[];
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  /** Statements that kept them waiting. */
  readonly blockers: readonly string[];
  /** When they read and wrote, on the clock of `performance.now()`. */
  readonly window: { readonly startMs: number; readonly endMs: number };
}

/** Applies what is missing while others read and write the tables that were filled; a sentence in place of stalls that cannot be seen. */
export async function applyUnderCanary(
  { database, migrations, signal }: Site,
  up: Program,
  rows: number,
): Promise<{ readonly run: ProgramRun; readonly stalls: Stalls | string }> {
  const tables = await fill(database.url, migrations, rows);
  const apply = (): Promise<ProgramRun> => runMigrations(up, database.url, signal);
  if (typeof tables === 'string') return { run: await apply(), stalls: tables };
  await using canary = await startCanary(
    database.url,
    tables.map(({ table }) => table),
  );
  const startMs = performance.now();
  const run = await apply();
  const samples = await canary.stop();
  const window = { startMs, endMs: performance.now() };
  if (run.ok) return { run, stalls: { samples, tables, blockers: [...canary.blockers], window } };
  // Whether it works at all is another question than whether it works beside others.
  const alone = await apply();
  return { run: alone, stalls: `it could not be applied while others read and wrote: ${run.told}` };
}

async function fill(url: string, { fill: sql }: Migrations, rows: number): Promise<Stalls['tables'] | string> {
  if (sql === undefined) return 'the target binds no `stores.migrations.fill`';
  const client = new pg.Client({ connectionString: url, application_name: OBSERVER, query_timeout: LIMIT_MS, statement_timeout: LIMIT_MS });
  client.on('error', () => undefined); // the statement under way rejects with the same error
  await client.connect();
  try {
    await client.query(sql.replaceAll('${rows}', String(rows)));
    await client.query('analyze');
    const tables = (await filledTables(client)).filter((table) => table.rows >= rows / 2);
    return tables.length > 0 ? tables : `no table had ${rows} rows after \`stores.migrations.fill\``;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return `\`stores.migrations.fill\` failed on the schema one migration before the head: ${error.message}`;
  } finally {
    await client.end();
  }
}
