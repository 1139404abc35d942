import type { Seams } from '../gateway/seams.ts';

/** So seldom that connections are left for the work of others. */
const EVERY = 5;

/** Before every fifth call of the model older executions are looked through; a second stands for a table that has grown. */
export const SLOW_STATEMENT: Partial<Seams> = {
  model: (model, { pool }) => {
    let count = 0;
    return {
      complete: async (request) => {
        count++;
        if (count % EVERY === 1) await pool.query('select count(*) from agent_definitions, pg_sleep(1)');
        return model.complete(request);
      },
    };
  },
};
