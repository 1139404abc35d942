import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const LONGER_MS = 600;

/** A call that nobody needs, made before each answer. */
export const PATTERN_DELAY: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      await delay(LONGER_MS);
      return executor.execute(request);
    },
  }),
};
