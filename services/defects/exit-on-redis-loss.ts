import type { Seams } from '../gateway/seams.ts';

/** Throws where nobody catches when a connection that was there is lost: the process ends. */
export const EXIT_ON_REDIS_LOSS: Partial<Seams> = {
  redis: (redis) => {
    redis.once('ready', () => {
      redis.on('reconnecting', () => {
        throw new Error('the connection to Redis was lost');
      });
    });
    return redis;
  },
};
