import type { Seams } from '../gateway/seams.ts';

/** Everything is taken in, however much there is already: what waits is answered when nobody waits for it any more. */
export const OVERLOAD_COLLAPSE: Partial<Seams> = {
  admission: () => ({ inFlight: Number.POSITIVE_INFINITY, behindMs: Number.POSITIVE_INFINITY }),
};
