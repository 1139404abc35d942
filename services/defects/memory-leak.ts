import type { Seams } from '../gateway/seams.ts';

const EACH_BYTES = 64 * 1024;

/** Every execution leaves something in a list that nobody reads. */
export const MEMORY_LEAK: Partial<Seams> = {
  executor: (executor) => {
    const history: Buffer[] = [];
    return {
      execute: async (request) => {
        history.push(Buffer.alloc(EACH_BYTES, 1));
        return executor.execute(request);
      },
    };
  },
};
