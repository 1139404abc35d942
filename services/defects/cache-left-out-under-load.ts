import type { Seams } from '../gateway/seams.ts';

const BUSY = 8;
const CALM_AFTER_MS = 1_000;

/** With much under way the look into the cache is saved for a while, which makes for more under way. */
export const CACHE_LEFT_OUT_UNDER_LOAD: Partial<Seams> = {
  executor: (executor) => {
    let underWay = 0;
    let busyUntilMs = 0;
    return {
      execute: async (request) => {
        underWay++;
        const nowMs = performance.now();
        if (underWay > BUSY) busyUntilMs = nowMs + CALM_AFTER_MS;
        try {
          return await executor.execute(nowMs < busyUntilMs ? { ...request, useCache: false } : request);
        } finally {
          underWay--;
        }
      },
    };
  },
};
