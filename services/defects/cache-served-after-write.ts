import type { Seams } from '../gateway/seams.ts';

/** Nobody tells the cache of a write: answers from before it are served until their time is up. */
export const CACHE_SERVED_AFTER_WRITE: Partial<Seams> = {
  cache: (cache) => ({
    get epoch() {
      return cache.epoch;
    },
    get: (slot) => cache.get(slot),
    set: (slot, answer, keep) => cache.set(slot, answer, keep),
    wrote: async () => true,
    invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
    stats: () => cache.stats(),
  }),
};
