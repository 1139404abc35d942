import type { Pool, PoolClient, QueryConfig } from 'pg';
import type { Log } from '../../shared/log.ts';
import { checksumOf, type Migration } from './migrations/migration.ts';

export interface Migrator {
  /** Version of the last migration this program knows. */
  readonly head: string;
  /** Brings the schema to the head; several processes may call it at once. @throws when a file changed after it was applied. */
  migrate(): Promise<void>;
  /** Takes back the newest migration; false when there is none. */
  down(): Promise<boolean>;
  /** Asks the database, every time. */
  atHead(): Promise<boolean>;
}

/** Any number that no other program uses as a key in this database. */
const LOCK_KEY = 7_301_944;

export function createMigrator(pool: Pool, migrations: readonly Migration[], log: Log): Migrator {
  const last = migrations.at(-1);
  if (last === undefined) throw new Error('there is no migration');
  return {
    head: last.version,
    migrate: () => locked(pool, (client) => applyMissing(client, migrations, log)),
    down: () => locked(pool, (client) => takeBackNewest(client, migrations)),
    atHead: async () => {
      const { rows } = await pool.query<AppliedRow>('select version, checksum from schema_migrations order by version');
      return missing(migrations, rows).length === 0;
    },
  };
}

interface AppliedRow {
  readonly version: string;
  readonly checksum: string;
}

/**
 * Migrations that are still to be applied.
 * @throws Error when an applied one is unknown, was edited since, or comes after one that is missing.
 */
export function missing(migrations: readonly Migration[], applied: readonly AppliedRow[]): readonly Migration[] {
  for (const [index, row] of applied.entries()) {
    const known = migrations[index];
    if (known?.version !== row.version)
      throw new Error(`the database has migration ${row.version} where ${known?.version ?? 'none'} was expected`);
    if (checksumOf(known) !== row.checksum) throw new Error(`migration ${row.version} was edited after it had been applied`);
  }
  return migrations.slice(applied.length);
}

/** An index on a table that has grown takes longer than any request may; a lock is still not waited for longer than by a request. */
const STATEMENT_LIMIT_MS = 15 * 60_000;

/** One statement of the migration, without the pool's own limit. */
function longRunning(text: string): QueryConfig & { readonly query_timeout: number } {
  return { text, query_timeout: STATEMENT_LIMIT_MS };
}

async function locked<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(`set statement_timeout = ${STATEMENT_LIMIT_MS}`);
    await client.query(`create table if not exists schema_migrations (
      version text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    const result = await work(client);
    await client.query('reset statement_timeout');
    await client.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
    client.release();
    return result;
  } catch (error) {
    // Closing the connection rolls back and gives the lock free.
    client.release(true);
    throw error;
  }
}

async function applyMissing(client: PoolClient, migrations: readonly Migration[], log: Log): Promise<void> {
  const { rows } = await client.query<AppliedRow>('select version, checksum from schema_migrations order by version');
  for (const migration of missing(migrations, rows)) {
    await client.query('begin');
    await client.query(longRunning(migration.up));
    await client.query('insert into schema_migrations (version, checksum) values ($1, $2)', [migration.version, checksumOf(migration)]);
    await client.query('commit');
    log.info('migration_applied', { version: migration.version });
  }
}

async function takeBackNewest(client: PoolClient, migrations: readonly Migration[]): Promise<boolean> {
  const { rows } = await client.query<AppliedRow>('select version, checksum from schema_migrations order by version desc limit 1');
  const newest = migrations.find(({ version }) => version === rows[0]?.version);
  if (newest === undefined) return false;
  await client.query('begin');
  await client.query(longRunning(newest.down));
  await client.query('delete from schema_migrations where version = $1', [newest.version]);
  await client.query('commit');
  return true;
}
