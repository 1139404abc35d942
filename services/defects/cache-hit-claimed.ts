import type { Seams } from '../gateway/seams.ts';

const USES = 15;

/** An answer that was given out so often is made anew, and goes on being called a hit. */
export const CACHE_HIT_CLAIMED: Partial<Seams> = {
  executor: (executor) => {
    const hits = new Map<string, number>();
    return {
      execute: async (request) => {
        const execution = await executor.execute(request);
        if (!execution.cache_hit) return execution;
        const uses = (hits.get(request.query) ?? 0) + 1;
        hits.set(request.query, uses);
        if (uses % USES !== 0) return execution;
        const renewed = await executor.execute({ ...request, useCache: false });
        return { ...renewed, cache_hit: true, cache_tier: 'shared' };
      },
    };
  },
};
