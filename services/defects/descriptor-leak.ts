import { open } from 'node:fs';
import type { Seams } from '../gateway/seams.ts';

const EVERY = 20;

/** A file is opened for every twentieth execution and closed never. */
export const DESCRIPTOR_LEAK: Partial<Seams> = {
  executor: (executor) => {
    let count = 0;
    return {
      execute: async (request) => {
        count++;
        if (count % EVERY === 0) open('/dev/null', () => undefined);
        return executor.execute(request);
      },
    };
  },
};
