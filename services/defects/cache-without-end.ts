import type { Redis } from 'ioredis';
import type { Seams } from '../gateway/seams.ts';

/** Answers are written first and given their end in a second command, which is forgotten for every other one. */
export const CACHE_WITHOUT_END: Partial<Seams> = {
  redis: (redis) => {
    let count = 0;
    const set = redis.set.bind(redis) as (...args: readonly unknown[]) => Promise<unknown>;
    const endless = (key: string, value: string, ...rest: readonly unknown[]): Promise<unknown> => {
      count += 1;
      return key.startsWith('cache:exec:') && count % 2 === 0 ? set(key, value) : set(key, value, ...rest);
    };
    return Object.assign(redis, { set: endless as unknown as Redis['set'] });
  },
};
