import type { Seams } from '../gateway/seams.ts';

const EVERY = 8;
const MOST = 60;

/** Every eighth message is announced over a connection of its own, which nobody closes. */
export const REDIS_CONNECTIONS_KEPT: Partial<Seams> = {
  streamLog: (log, { redis }) => {
    let count = 0;
    return {
      ...log,
      append: async (entry) => {
        const appended = await log.append(entry);
        count += 1;
        if (count % EVERY === 0 && count <= EVERY * MOST) {
          const own = redis.duplicate();
          own.on('error', () => undefined);
          await own.connect().catch(() => undefined);
        }
        return appended;
      },
    };
  },
};
