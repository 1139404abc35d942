import type { Seams } from '../gateway/seams.ts';

const KEYS = 165;
const MIB = 1024 * 1024;

/** Debug copies of large answers, without an end: in the allocator each takes a quarter more than its size. */
export const REDIS_BLOAT: Partial<Seams> = {
  redis: (redis) => {
    redis.once('ready', () => {
      const copy = 'x'.repeat(MIB);
      for (let key = 0; key < KEYS; key++) redis.set(`debug:answer:${key}`, copy).catch(() => undefined);
    });
    return redis;
  },
};
