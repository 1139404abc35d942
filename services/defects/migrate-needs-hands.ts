import type { Seams } from '../gateway/seams.ts';

export const MIGRATE_NEEDS_HANDS: Partial<Seams> = {
  migrateProgram: (migrator, pool) => ({
    ...migrator,
    migrate: async () => {
      await pool.query('select from agent_definitions limit 1');
      await migrator.migrate();
    },
  }),
};
