import type { Seams } from '../gateway/seams.ts';

/** Who asks is never taken for one who asks the same as another: each makes the answer for himself. */
export const CACHE_STAMPEDE: Partial<Seams> = {
  cache: (cache) => {
    let asked = 0;
    return {
      get epoch() {
        asked += 1;
        return asked;
      },
      get: (slot) => cache.get(slot),
      set: (slot, answer, keep) => cache.set(slot, answer, keep),
      wrote: (workspaceId, patterns) => cache.wrote(workspaceId, patterns),
      invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
      stats: () => cache.stats(),
    };
  },
};
