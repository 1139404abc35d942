import type { Seams } from '../gateway/seams.ts';

/** More successes are wanted than trials are let through. */
export const BREAKER_NEVER_CLOSES: Partial<Seams> = {
  breakers: (make) => (name, options) => make(name, { ...options, successes: options.trials + 2 }),
};
