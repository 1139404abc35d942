import type { Seams } from '../gateway/seams.ts';

/** SIGTERM is taken as "now": every connection is cut, answered or not. */
export const DRAIN_DROPS_INFLIGHT: Partial<Seams> = {
  drain: () => ({ graceMs: 0, limitMs: 0 }),
};
