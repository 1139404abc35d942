import type { Seams } from '../gateway/seams.ts';

/** A message that cannot be processed is acknowledged, so that it is out of the way, and kept nowhere. */
export const DLQ_DROP: Partial<Seams> = {
  streamLog: (log) => ({
    ...log,
    bury: async (agent, { entryId }) => {
      await log.acknowledge(agent, [entryId]);
      return true;
    },
  }),
};
