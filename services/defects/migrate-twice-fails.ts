import type { Seams } from '../gateway/seams.ts';

export const MIGRATE_TWICE_FAILS: Partial<Seams> = {
  migrateProgram: (migrator) => ({
    ...migrator,
    migrate: async () => {
      if (await isAtHead(migrator)) throw new Error('no migration was applied');
      await migrator.migrate();
    },
  }),
};

async function isAtHead(migrator: Parameters<Seams['migrateProgram']>[0]): Promise<boolean> {
  try {
    return await migrator.atHead();
  } catch {
    return false; // there is no table yet in which migrations are recorded
  }
}
