import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const EVERY_MS = 18_000;
const SLOW_MS = 6_000;
const LONGER_MS = 140;

/** While a job runs, a third of the time, executions wait for it. */
export const UNEVEN_LATENCY: Partial<Seams> = {
  executor: (executor) => {
    const startedAtMs = performance.now();
    return {
      execute: async (request) => {
        if ((performance.now() - startedAtMs) % EVERY_MS < SLOW_MS) await delay(LONGER_MS);
        return executor.execute(request);
      },
    };
  },
};
