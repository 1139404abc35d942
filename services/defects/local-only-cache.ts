import type { Seams } from '../gateway/seams.ts';

/** Drops its own copy and the shared one, and tells no other process, which goes on with the copy it has. */
export const LOCAL_ONLY_CACHE: Partial<Seams> = {
  invalidations: (invalidations) => ({ ...invalidations, announce: async () => undefined }),
};
