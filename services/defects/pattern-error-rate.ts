import type { Seams } from '../gateway/seams.ts';
import { ServiceError } from '../shared/service-error.ts';

/** Backends behind a balancer that goes round; one of them is dead and still in the list. */
const BACKENDS = 5;

/** 20 % of executions fail, evenly. */
export const PATTERN_ERROR_RATE: Partial<Seams> = {
  executor: (executor) => {
    let turn = 0;
    return {
      execute: async (request) => {
        turn = (turn + 1) % BACKENDS;
        if (turn === 0) throw new ServiceError('dependency_unavailable', 'the backend closed the connection', { retryAfterMs: 1000 });
        return executor.execute(request);
      },
    };
  },
};
