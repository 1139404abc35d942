import { setTimeout as delay } from 'node:timers/promises';
import { inTransaction } from '../gateway/database/pool.ts';
import type { Seams } from '../gateway/seams.ts';

/** Long enough to be seen by anybody who looks four times a second. */
const SLOWER_MS = 600;
/** Few enough to leave connections for the work of others. */
const MAX_OPEN = 4;

/** Opens a transaction before the model is asked and closes it after the answer. */
export const IDLE_IN_TRANSACTION: Partial<Seams> = {
  model: (model, { pool }) => {
    let open = 0;
    return {
      complete: async (request) => {
        if (open >= MAX_OPEN) return model.complete(request);
        open++;
        try {
          return await inTransaction(pool, async (sql) => {
            await sql.query('select count(*) from agent_definitions');
            await delay(SLOWER_MS);
            return model.complete(request);
          });
        } finally {
          open--;
        }
      },
    };
  },
};
