import type { Seams } from '../gateway/seams.ts';

/** Reads what is new and nothing else: what a consumer had read when it died stays with the dead. */
export const STREAM_NO_RECLAIM: Partial<Seams> = {
  streamLog: (log) => ({
    ...log,
    takeStale: async function* () {
      // There is nothing to take.
    },
  }),
};
