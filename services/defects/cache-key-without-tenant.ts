import type { CacheSlot } from '../gateway/patterns/cache.ts';
import type { Seams } from '../gateway/seams.ts';
import { DEFAULT_WORKSPACE } from '../gateway/workspace.ts';

/** The key is made of the question alone: who asks the same gets the answer that was made for somebody else. */
export const CACHE_KEY_WITHOUT_TENANT: Partial<Seams> = {
  cache: (cache) => ({
    get epoch() {
      return cache.epoch;
    },
    get: (slot) => cache.get(shared(slot)),
    set: (slot, answer, keep) => cache.set(shared(slot), answer, keep),
    wrote: (_, patterns) => cache.wrote(DEFAULT_WORKSPACE, patterns),
    invalidate: (workspaceId, { key, prefix }) =>
      cache.invalidate(DEFAULT_WORKSPACE, {
        key: key?.replace(workspaceId, DEFAULT_WORKSPACE),
        prefix: prefix?.replace(workspaceId, DEFAULT_WORKSPACE),
      }),
    stats: () => cache.stats(),
  }),
};

function shared({ workspaceId, pattern, key }: CacheSlot): CacheSlot {
  return { workspaceId: DEFAULT_WORKSPACE, pattern, key: key.replace(workspaceId, DEFAULT_WORKSPACE) };
}
