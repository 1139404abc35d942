import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const WARM_MS = 11_000;

/** Before it is ready, everything that anybody may ask for is computed. */
export const SLOW_BOOT: Partial<Seams> = {
  migrator: (migrator) => ({
    ...migrator,
    migrate: async () => {
      await delay(WARM_MS, undefined, { ref: false });
      return migrator.migrate();
    },
  }),
};
