import type { Seams } from '../gateway/seams.ts';

/** The saving looks twice as good as it is. What is used is counted rightly. */
export const BASELINE_INFLATED: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      const execution = await executor.execute(request);
      return { ...execution, tokens_baseline: execution.tokens_baseline * 2 };
    },
  }),
};
