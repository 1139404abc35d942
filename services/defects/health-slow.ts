import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const PROBE_MS = 250;

/** One more probe that nobody waits for but everybody has to. */
export const HEALTH_SLOW: Partial<Seams> = {
  health: (health) => async () => {
    await delay(PROBE_MS);
    return health();
  },
};
