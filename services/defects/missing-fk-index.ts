import type { Seams } from '../gateway/seams.ts';

const DROP = 'drop index if exists tasks_by_agent';

/** As after an import for which indexes were dropped, and one of them was forgotten. */
export const MISSING_FK_INDEX: Partial<Seams> = {
  migrator: (migrator, { pool }) => ({
    ...migrator,
    migrate: async () => {
      await migrator.migrate();
      await pool.query(DROP);
    },
  }),
};
