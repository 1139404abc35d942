import type { Seams } from '../gateway/seams.ts';

/** Asks whether retries are allowed at all, not how many were made. */
export const RETRY_COUNT_IGNORED: Partial<Seams> = {
  retryRule: () => (task) => task.max_retries > 0,
};
