import { repeat } from '../../shared/repeat.ts';
import type { Migrator } from './migrator.ts';

/** Keeps background work away from a database that has no tables yet. */
export interface SchemaGate {
  /** As `repeat`, but rounds before the migration do nothing. */
  readonly repeat: typeof repeat;
  /** The same migrator; when it has migrated, the gate is open. */
  openedBy(migrator: Migrator): Migrator;
}

export function createSchemaGate(): SchemaGate {
  let open = false;
  return {
    repeat: (round, everyMs, onError) =>
      repeat(
        async (stopped) => {
          if (open) await round(stopped);
        },
        everyMs,
        onError,
      ),
    openedBy: (migrator) => ({
      ...migrator,
      migrate: async () => {
        await migrator.migrate();
        open = true;
      },
    }),
  };
}
