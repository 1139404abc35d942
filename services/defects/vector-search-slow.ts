import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

/** Above the mean that searches are held to, and below what the slowest of them may take. */
const LONGER_MS = 300;

/** A second look at what was found, by something that is not in the database. */
export const VECTOR_SEARCH_SLOW: Partial<Seams> = {
  nearest: (nearest) => async (sql, search) => {
    const found = await nearest(sql, search);
    await delay(LONGER_MS);
    return found;
  },
};
