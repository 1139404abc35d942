import { within } from '../shared/fresh.ts';
import { messageOf } from '../shared/log.ts';
import type { Seams } from '../gateway/seams.ts';

const LIMIT_MS = 900;

/** Ready as soon as the database answers; the migrations run on behind it. */
export const READY_BEFORE_MIGRATIONS: Partial<Seams> = {
  readiness: (readiness, { pool }) => {
    let draining = false;
    return {
      failed: async () => {
        if (draining) return ['draining'];
        try {
          await within(pool.query('select 1'), LIMIT_MS);
          return [];
        } catch (error) {
          return [`postgres: ${messageOf(error)}`];
        }
      },
      drain: () => {
        draining = true;
        return readiness.drain();
      },
    };
  },
};
