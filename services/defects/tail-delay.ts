import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const EVERY = 33;
const LONGER_MS = 900;

/** Three executions in a hundred wait for nothing. */
export const TAIL_DELAY: Partial<Seams> = {
  executor: (executor) => {
    let count = 0;
    return {
      execute: async (request) => {
        count++;
        if (count % EVERY === 0) await delay(LONGER_MS);
        return executor.execute(request);
      },
    };
  },
};
