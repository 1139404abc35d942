import type { Seams } from '../gateway/seams.ts';
import { failingOnce } from './altered-schema.ts';

/** Two titles begin with the same letter: the index is given up half-way and stays, neither used nor gone. */
const CREATE = 'create unique index concurrently if not exists agent_definitions_by_letter on agent_definitions (left(title, 1))';

export const INDEX_INVALID: Partial<Seams> = {
  migrator: (migrator, { pool }) => ({
    ...migrator,
    migrate: async () => {
      await migrator.migrate();
      await failingOnce(pool, CREATE);
    },
  }),
};
