import type { CachedAnswer } from '../gateway/patterns/cache.ts';
import type { Seams } from '../gateway/seams.ts';

/** A map in front of the cache that only a write empties: what was answered once is answered so until then, invalidated or not. */
export const STALE_CACHE: Partial<Seams> = {
  cache: (cache) => {
    const memo = new Map<string, CachedAnswer>();
    return {
      get epoch() {
        return cache.epoch;
      },
      get: async (slot) => {
        const answer = memo.get(slot.key);
        if (answer !== undefined) return { tier: 'local', answer, degraded: false, asOf: { epoch: cache.epoch, generation: null } };
        const found = await cache.get(slot);
        if (found.answer !== null) memo.set(slot.key, found.answer);
        return found;
      },
      set: (slot, answer, keep) => {
        memo.set(slot.key, answer);
        return cache.set(slot, answer, keep);
      },
      // Writes are thought of; time and operators are not.
      wrote: (workspaceId, patterns) => {
        memo.clear();
        return cache.wrote(workspaceId, patterns);
      },
      invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
      stats: () => cache.stats(),
    };
  },
};
