import { list, requiredText, SettingError, type Env } from '../../shared/env.ts';
import type { Log } from '../../shared/log.ts';
import { AS_IS, type Seams } from '../seams.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { createMigrator, type Migrator } from './migrator.ts';
import { createPool } from './pool.ts';

const ACTIONS: Readonly<Record<string, (migrator: Migrator) => Promise<void>>> = {
  up: (migrator) => migrator.migrate(),
  down: async (migrator) => {
    if (!(await migrator.down())) throw new Error('there is no migration to take back');
  },
  head: async ({ head }) => console.log(head),
};

/**
 * Migrates the database of DATABASE_URL: `up` to the head, `down` by one migration; `head` says what this program knows.
 * @throws SettingError for another action, or without a database.
 */
export async function runMigrate(name: string, env: Env, log: Log): Promise<void> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw new SettingError(`usage: migrate ${Object.keys(ACTIONS).join(' | ')}`);
  const url = requiredText(env, 'DATABASE_URL');
  const seams = await seamsFor(list(env, 'MUSTER_DEFECTS'), url);
  const pool = createPool({ url, max: 1, log });
  try {
    await action(seams.migrateProgram(createMigrator(pool, seams.migrations(MIGRATIONS), log), pool));
  } finally {
    await pool.end();
  }
}

async function seamsFor(defects: readonly string[], url: string): Promise<Seams> {
  if (defects.length === 0) return AS_IS;
  const { plantDefects } = await import('../../defects/index.ts');
  return plantDefects(defects, new URL(url).hostname);
}
