import type { Migration } from '../gateway/database/migrations/migration.ts';
import type { Seams } from '../gateway/seams.ts';

/** An index without a name of its own: the server finds one, and another one the next time. */
const FORGOTTEN = 'create index on operations (deadline_at);';

export const DOWN_FORGETS: Partial<Seams> = {
  migrations: (migrations) => newestWith(migrations, ({ up }) => `${up} ${FORGOTTEN}`),
};

export function newestWith(migrations: readonly Migration[], up: (newest: Migration) => string): readonly Migration[] {
  return migrations.map((migration, index) => (index === migrations.length - 1 ? { ...migration, up: up(migration) } : migration));
}
