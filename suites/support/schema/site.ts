import type pg from 'pg';
import type { SuiteRun } from '../../../harness/index.ts';
import { scalar, withPostgres } from '../stores.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import { runMigrations, type ProgramRun } from './migration-program.ts';
import type { ScratchDatabase } from './scratch-database.ts';

export type Migrations = NonNullable<SuiteRun['spec']['stores']['migrations']>;
export type Program = NonNullable<Migrations['up']>;

/** Where migrations are tried. */
export interface Site {
  readonly database: ScratchDatabase;
  readonly migrations: Migrations;
  readonly signal: AbortSignal;
}

export interface State {
  /** null: no migration is applied. */
  readonly head: string | null;
  readonly schema: Fingerprint;
}

/** A run of a program, and what the schema is afterwards. */
export interface Rung extends State {
  readonly run: ProgramRun;
}

export async function step(site: Site, program: Program): Promise<Rung> {
  const run = await runMigrations(program, site.database.url, site.signal);
  return { run, ...(await stateOf(site)) };
}

export async function stateOf({ database, migrations }: Pick<Site, 'database' | 'migrations'>): Promise<State> {
  return withPostgres(database.adminUrl, async (client) => ({
    head: await headOf(client, migrations.head),
    schema: await fingerprintOf(client),
  }));
}

const UNDEFINED_TABLE = '42P01';

/** A database that was never migrated has no table to ask. */
async function headOf(client: pg.Client, sql: string): Promise<string | null> {
  try {
    const head = await scalar(client, sql);
    if (head === undefined || head === null) return null;
    return typeof head === 'string' ? head : JSON.stringify(head);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return null;
    throw error;
  }
}
