import type { Seams } from '../gateway/seams.ts';

const REPORTED_SHARE = 0.9;

/** Rounds down, so that even a single token is off. The ledger stays right. */
export const TOKENS_OFF_BY: Partial<Seams> = {
  executor: (executor) => ({
    execute: async (request) => {
      const execution = await executor.execute(request);
      return { ...execution, tokens_used: Math.floor(execution.tokens_used * REPORTED_SHARE) };
    },
  }),
};
