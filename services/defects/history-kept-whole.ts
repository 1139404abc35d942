import type { Seams } from '../gateway/seams.ts';
import { withContext } from './with-context.ts';

/** What an agent asked before is sent with its next question, from the first to the last, and never cut. */
export const HISTORY_KEPT_WHOLE: Partial<Seams> = {
  executor: (executor) => {
    const asked = new Map<string, string[]>();
    return {
      execute: (request) => {
        const agent = request.agentId ?? '';
        const history = asked.get(agent) ?? [];
        asked.set(agent, [...history, request.query]);
        return executor.execute(history.length === 0 ? request : withContext(request, { history }));
      },
    };
  },
};
