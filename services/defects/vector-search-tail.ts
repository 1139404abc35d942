import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const EVERY = 8;
const LONGER_MS = 700;

/** A few searches wait for what the others found ready. */
export const VECTOR_SEARCH_TAIL: Partial<Seams> = {
  nearest: (nearest) => {
    let searches = 0;
    return async (sql, search) => {
      searches += 1;
      if (searches % EVERY === 0) await delay(LONGER_MS);
      return nearest(sql, search);
    };
  },
};
