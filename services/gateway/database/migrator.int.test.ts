import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../shared/log.ts';
import { foreignKeysWithoutIndex } from '../../testing/catalogue.ts';
import { query, startPostgres, type PostgresStore } from '../../testing/stores.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { createMigrator } from './migrator.ts';
import { createPool } from './pool.ts';

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let postgres: PostgresStore;
const pools: Pool[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await postgres.dispose();
});
beforeEach(async () => {
  await query(postgres.adminUrl, 'drop schema public cascade');
  await query(postgres.adminUrl, 'create schema public authorization service');
  const { rows } = await query(postgres.adminUrl, `select from pg_available_extensions where name = 'vector'`);
  if (rows.length > 0) await query(postgres.adminUrl, 'create extension if not exists vector');
});

/** As a process has it: with a pool of its own. */
function ownMigrator(migrations = MIGRATIONS) {
  const pool = createPool({ url: postgres.url, max: 2, log: SILENT });
  pools.push(pool);
  return createMigrator(pool, migrations, SILENT);
}

const ALL = MIGRATIONS.map(({ version }) => version);
const ofService = async (sql: string) => (await query(postgres.adminUrl, sql)).rows;
const applied = async () => (await ofService('select version from schema_migrations order by version')).map(({ version }) => version);
const objects = async () =>
  ofService(
    `select c.relname as name, c.relkind as kind from pg_class c where c.relnamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') and c.relname !~ '^schema_migrations'
     union all select t.typname, 'type' from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'e' order by 1, 2`,
  );

describe('migrations', () => {
  it('bring an empty database to the head, and once there do nothing', async () => {
    const migrator = ownMigrator();
    await migrator.migrate();
    expect(await applied()).toEqual(ALL);
    const before = await ofService('select version, checksum, applied_at, xmin::text from schema_migrations order by version');
    await migrator.migrate();
    await ownMigrator().migrate();
    expect(await ofService('select version, checksum, applied_at, xmin::text from schema_migrations order by version')).toEqual(before);
    expect([migrator.head, await migrator.atHead()]).toEqual([ALL.at(-1), true]);
  });

  it('go down to nothing and up again to the same', async () => {
    const migrator = ownMigrator();
    await migrator.migrate();
    const first = await objects();
    for (const version of ALL.toReversed()) {
      expect(await applied()).toContain(version);
      expect(await migrator.down()).toBe(true);
      expect(await migrator.atHead()).toBe(false);
    }
    expect(await migrator.down()).toBe(false);
    expect([await applied(), await objects()]).toEqual([[], []]);
    await migrator.migrate();
    expect(await objects()).toEqual(first);
  });

  it('run once when three processes come at once', async () => {
    await Promise.all([ownMigrator(), ownMigrator(), ownMigrator()].map((migrator) => migrator.migrate()));
    expect(await applied()).toEqual(ALL);
  });

  it('stop at one that was edited after it had been applied', async () => {
    await ownMigrator().migrate();
    const edited = MIGRATIONS.map((migration, index) => (index === 1 ? { ...migration, up: `${migration.up} -- more` } : migration));
    await expect(ownMigrator(edited).migrate()).rejects.toThrow(`migration ${ALL[1]} was edited after it had been applied`);
    expect(await applied()).toEqual(ALL);
  });

  it('stop at a database that a newer program migrated', async () => {
    await ownMigrator().migrate();
    await expect(ownMigrator(MIGRATIONS.slice(0, -1)).migrate()).rejects.toThrow(`the database has migration ${ALL.at(-1)}`);
  });

  it('leave nothing of one that fails', async () => {
    const broken = { version: '999_broken', up: 'create table half (id int); select 1 / 0;', down: '' };
    await expect(ownMigrator([...MIGRATIONS, broken]).migrate()).rejects.toThrow('division by zero');
    expect(await applied()).toEqual(ALL);
    expect(await objects()).not.toContainEqual(expect.objectContaining({ name: 'half' }));
    await ownMigrator().migrate();
  });
});

it('a migration may take longer than a request, and the connection then has the limit of requests again', async () => {
  await ownMigrator([{ version: '001_slow', up: 'select pg_sleep(3.2)', down: '' }]).migrate();
  expect(await applied()).toEqual(['001_slow']);
  expect((await pools.at(-1)?.query('show statement_timeout'))?.rows).toEqual([{ statement_timeout: '2500ms' }]);
});

it('every foreign key has an index', async () => {
  await ownMigrator().migrate();
  expect(await foreignKeysWithoutIndex(postgres.adminUrl)).toEqual([]);
});

it('the last migration makes indexes only, so that the service works without it', () => {
  const statements = (MIGRATIONS.at(-1)?.up ?? '').split(';').map((statement) => statement.trim());
  expect(statements.filter((statement) => statement !== '' && !statement.startsWith('create index'))).toEqual([]);
});
