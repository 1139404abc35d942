import type { Migrator } from '../gateway/database/migrator.ts';
import type { SeamContext } from '../gateway/seams.ts';

/** As if the migrations had made another vector index, or none: in place of theirs, while the table is as they left it. */
export function withVectorIndex(migrator: Migrator, { pool }: SeamContext, create: string | null): Migrator {
  return {
    ...migrator,
    migrate: async () => {
      await migrator.migrate();
      await pool.query('drop index if exists memories_by_distance');
      if (create !== null) await pool.query(`create index memories_by_distance on memories using ${create}`);
    },
  };
}
