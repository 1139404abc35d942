import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const EACH_MS = 20;

/** What is read is looked up one by one, with a call for each. */
export const STREAM_CONSUMER_SLOW: Partial<Seams> = {
  streamLog: (log) => ({
    ...log,
    readNew: async (agent) => {
      const deliveries = await log.readNew(agent);
      await delay(deliveries.length * EACH_MS);
      return deliveries;
    },
  }),
};
