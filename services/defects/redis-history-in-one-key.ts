import type { Seams } from '../gateway/seams.ts';

const PAGES = 14;
const PAGE = 'x'.repeat(1024 * 1024);

/** What was said is kept in one list, whose end nobody cuts off: here 14 MiB of it are there from the start. */
export const REDIS_HISTORY_IN_ONE_KEY: Partial<Seams> = {
  redis: (redis) => {
    redis.once('ready', () => {
      redis.del('history:all').catch(() => undefined);
      for (let page = 0; page < PAGES; page++) redis.rpush('history:all', PAGE).catch(() => undefined);
    });
    return redis;
  },
};
