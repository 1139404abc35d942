import type { Seams } from '../gateway/seams.ts';

/** Nothing in the service reads the column; whoever bills by the day does. */
const DROP = 'alter table token_ledger drop column if exists at';

/** As after a repair by hand: every migration is recorded as applied, and the schema is another one. */
export const MISSING_COLUMN: Partial<Seams> = {
  migrator: (migrator, { pool }) => ({
    ...migrator,
    migrate: async () => {
      await migrator.migrate();
      await pool.query(DROP);
    },
  }),
};
