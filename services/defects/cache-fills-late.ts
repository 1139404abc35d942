import type { Seams } from '../gateway/seams.ts';

/** Only what was asked twice is thought worth keeping: the second one pays as well. */
export const CACHE_FILLS_LATE: Partial<Seams> = {
  cache: (cache) => {
    const seen = new Set<string>();
    return {
      get epoch() {
        return cache.epoch;
      },
      get: (slot) => cache.get(slot),
      set: async (slot, answer, keep) => {
        if (seen.has(slot.key)) return cache.set(slot, answer, keep);
        seen.add(slot.key);
        return true;
      },
      wrote: (workspaceId, patterns) => cache.wrote(workspaceId, patterns),
      invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
      stats: () => cache.stats(),
    };
  },
};
