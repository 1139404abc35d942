import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const MS_PER_EXECUTION = 0.02;

/** A list that grows with every execution is gone through from the beginning by the next. */
export const LATENCY_CREEP: Partial<Seams> = {
  executor: (executor) => {
    let count = 0;
    return {
      execute: async (request) => {
        count++;
        await delay(count * MS_PER_EXECUTION);
        return executor.execute(request);
      },
    };
  },
};
