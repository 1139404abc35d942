import type { Seams } from '../gateway/seams.ts';
import { newestWith } from './down-forgets.ts';

/** As when every row is rewritten by a function that thinks: nobody notices where tables are empty. */
const REWRITE = `
  lock table operations in access exclusive mode;
  select pg_sleep(count(*) * 0.0006) from operations;`;

export const MIGRATION_LOCKS: Partial<Seams> = {
  migrations: (migrations) => newestWith(migrations, ({ up }) => `${up} ${REWRITE}`),
};
