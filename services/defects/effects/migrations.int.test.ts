import { randomBytes } from 'node:crypto';
import { runMigrate } from '../../gateway/database/migrate-program.ts';
import { createLog } from '../../shared/log.ts';
import { duplicateIndexes, invalidIndexes, tablesWithoutKey } from '../../testing/catalogue.ts';
import { alone, describeEffects } from '../../testing/effects.ts';
import { query } from '../../testing/stores.ts';
import { MIGRATIONS_DEFECTS } from '../tables/migrations.ts';

const QUIET = { ...createLog('migrate'), info: () => undefined };

/** What the program says when it fails; nothing when it does not. */
async function migrated(action: string, url: string, planted: readonly string[]): Promise<readonly string[]> {
  try {
    await runMigrate(action, { DATABASE_URL: url, MUSTER_DEFECTS: planted.join() }, QUIET);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** An empty database of the service's own role, for the time of `use`. */
async function inEmptyDatabase<T>(
  { url, adminUrl }: { readonly url: string; readonly adminUrl: string },
  use: (url: string, adminUrl: string) => Promise<T>,
): Promise<T> {
  const name = `empty_${randomBytes(4).toString('hex')}`;
  const within = (address: string): string => Object.assign(new URL(address), { pathname: `/${name}` }).toString();
  await query(adminUrl, `create database ${name} owner ${decodeURIComponent(new URL(url).username)}`);
  try {
    return await use(within(url), within(adminUrl));
  } finally {
    await query(adminUrl, `drop database ${name} with (force)`);
  }
}

const countOf = async (adminUrl: string, sql: string): Promise<number> => Number((await query(adminUrl, sql)).rows[0]?.['count']);
const INDEXES = `select count(*) from pg_indexes where schemaname = 'public'`;

describeEffects(MIGRATIONS_DEFECTS, {
  migrate_twice_fails: (_, { postgres }, planted) => migrated('up', postgres.url, planted),
  migrate_needs_hands: alone(({ postgres }, planted) => inEmptyDatabase(postgres, (url) => migrated('up', url, planted))),
  down_forgets: alone(({ postgres }, planted) =>
    inEmptyDatabase(postgres, async (url, adminUrl) => {
      await migrated('up', url, planted);
      const before = await countOf(adminUrl, INDEXES);
      for (const action of ['down', 'up']) await migrated(action, url, planted);
      const after = await countOf(adminUrl, INDEXES);
      return before === after ? [] : [`${before} indexes became ${after} when the newest migration was taken back and applied again`];
    }),
  ),
  migration_locks: alone(({ postgres }, planted) =>
    inEmptyDatabase(postgres, async (url, adminUrl) => {
      for (const action of ['up', 'down']) await migrated(action, url, planted);
      await query(
        url,
        `insert into operations (id, workspace_id, type, status, priority, parameters, metadata, deadline_at, lease_until)
         select n, gen_random_uuid(), 'custom', 'completed', 1, '{}', '{}', now(), now() from generate_series(1, 400) n`,
      );
      const held = await strongestHeld(adminUrl, migrated('up', url, planted));
      return held ? ['a migration held operations alone for some time'] : [];
    }),
  ),
  hotfix_by_hand: async (_, { postgres }) => {
    const made = await countOf(postgres.adminUrl, `select count(*) from pg_indexes where indexname = 'hotfix_operations'`);
    return made === 0 ? [] : ['there is an index that no migration makes'];
  },
  isolation_default: async (_, { postgres }) => {
    const { rows } = await query(postgres.url, 'show default_transaction_isolation');
    await query(postgres.url, 'alter role current_user reset default_transaction_isolation');
    const level = String(rows[0]?.['default_transaction_isolation']);
    return level === 'read committed' ? [] : [`the role's default is ${level}`];
  },
  index_twice: async (_, { postgres }) => duplicateIndexes(postgres.adminUrl),
  index_invalid: async (_, { postgres }) => invalidIndexes(postgres.adminUrl),
  table_without_key: async (_, { postgres }) => tablesWithoutKey(postgres.adminUrl),
});

/** Whether somebody held `operations` alone at any look until `work` was done. */
async function strongestHeld(adminUrl: string, work: Promise<unknown>): Promise<boolean> {
  const ending = new AbortController();
  const end = work.finally(() => ending.abort());
  let held = false;
  while (!ending.signal.aborted && !held) {
    const { rows } = await query(
      adminUrl,
      `select from pg_locks where relation = to_regclass('operations') and mode = 'AccessExclusiveLock' and granted`,
    );
    held = rows.length > 0;
  }
  await end;
  return held;
}
