import type { Migration } from '../gateway/database/migrations/migration.ts';

/** As if the migrations had said `to` where they say `from`: the schema is as they make it, and wrong. */
export function migratedOtherwise(migrations: readonly Migration[], from: string, to: string): readonly Migration[] {
  if (!migrations.some(({ up }) => up.includes(from))) throw new Error(`no migration says "${from}"`); // invariant: a defect knows what it changes
  return migrations.map((migration) => ({ ...migration, up: migration.up.replace(from, () => to) }));
}
