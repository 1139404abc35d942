import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const LONGER_MS = 25;

/** The rules are compiled anew for every request; the time is told as what it is. */
export const MATCH_SLOW: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      const startedAtMs = performance.now();
      await delay(LONGER_MS);
      const longerMs = performance.now() - startedAtMs;
      const execution = await executor.execute(request);
      const { stage_ms: stages, execution_time_ms: total } = execution;
      return { ...execution, execution_time_ms: total + longerMs, stage_ms: { ...stages, match: stages.match + longerMs } };
    },
  }),
};
