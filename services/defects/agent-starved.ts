import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const LONGER_MS = 800;
/** One agent in ten by the names that agents usually have. */
const UNLUCKY = /7$/;

/** Work is dealt out by the agent's name, and one of the ten places it is dealt to is slow. */
export const AGENT_STARVED: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      if (UNLUCKY.test(request.agentId ?? '')) await delay(LONGER_MS);
      return executor.execute(request);
    },
  }),
};
