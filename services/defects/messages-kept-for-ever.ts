import type { Seams } from '../gateway/seams.ts';

/** The job runs, and deletes nothing. */
export const MESSAGES_KEPT_FOR_EVER: Partial<Seams> = {
  messageRetention: () => () => Promise.resolve(),
};
