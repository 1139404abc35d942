import type { Seams } from '../gateway/seams.ts';

const TYPICAL = 120;

/** Reports what an execution usually costs. The ledger stays right. */
export const TOKENS_CONSTANT: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      const execution = await executor.execute(request);
      return execution.tokens_used === 0 ? execution : { ...execution, tokens_used: TYPICAL };
    },
  }),
};
