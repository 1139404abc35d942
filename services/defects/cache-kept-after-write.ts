import type { Seams } from '../gateway/seams.ts';

/** An answer is kept as one of the moment in which it is stored, not of the one in which it began to be made. */
export const CACHE_KEPT_AFTER_WRITE: Partial<Seams> = {
  cache: (cache) => ({
    get epoch() {
      return cache.epoch;
    },
    get: (slot) => cache.get(slot),
    set: async (slot, answer, keep) => cache.set(slot, answer, { ...keep, asOf: (await cache.get(slot)).asOf }),
    wrote: (workspaceId, patterns) => cache.wrote(workspaceId, patterns),
    invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
    stats: () => cache.stats(),
  }),
};
