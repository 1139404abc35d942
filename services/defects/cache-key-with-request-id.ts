import { randomUUID } from 'node:crypto';
import type { CacheSlot } from '../gateway/patterns/cache.ts';
import type { Seams } from '../gateway/seams.ts';

/** The id of the request is part of the key: nobody ever asks for the same again. */
export const CACHE_KEY_WITH_REQUEST_ID: Partial<Seams> = {
  cache: (cache) => ({
    get epoch() {
      return cache.epoch;
    },
    get: (slot) => cache.get(ofThisRequest(slot)),
    set: (slot, answer, keep) => cache.set(ofThisRequest(slot), answer, keep),
    wrote: (workspaceId, patterns) => cache.wrote(workspaceId, patterns),
    invalidate: (workspaceId, match) => cache.invalidate(workspaceId, match),
    stats: () => cache.stats(),
  }),
};

function ofThisRequest(slot: CacheSlot): CacheSlot {
  return { ...slot, key: `${slot.key}:${randomUUID()}` };
}
