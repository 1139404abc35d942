import type { Seams } from '../gateway/seams.ts';
import { onTheSide } from './on-the-side.ts';

/** Puts what it reports on in order, with less memory than that takes. */
export const SORT_SPILLS: Partial<Seams> = {
  migrator: (migrator, context) =>
    onTheSide(migrator, context, {
      everyMs: 500,
      work: async (client) => {
        await client.query('begin');
        await client.query(`set local work_mem = '64kB'`);
        await client.query('select count(*) from (select n from generate_series(1, 5000) as n order by md5(n::text)) as report');
        await client.query('commit');
      },
    }),
};
