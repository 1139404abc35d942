import type { Seams } from '../gateway/seams.ts';

/** Once a message is added all keys are listed, to see how many streams there are. */
export const REDIS_KEYS_LISTED: Partial<Seams> = {
  streamLog: (log, { redis }) => ({
    ...log,
    append: async (entry) => {
      const appended = await log.append(entry);
      await redis.keys('agent_messages:*').catch(() => undefined);
      return appended;
    },
  }),
};
