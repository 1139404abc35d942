import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

/** Too slow for half of the requests, and not so slow that the tail alone would be too. */
const LONGER_MS = 250;

/** A call that nobody needs, made before each answer. */
export const PATTERN_DELAY: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      await delay(LONGER_MS);
      return executor.execute(request);
    },
  }),
};
