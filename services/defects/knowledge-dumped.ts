import type { Seams } from '../gateway/seams.ts';
import { withContext } from './with-context.ts';

const FACTS = Array.from({ length: 9_000 }, (_, index) => index % 10).join(',');

/** An agent that comes back is known: everything about it is sent along. */
export const KNOWLEDGE_DUMPED: Partial<Seams> = {
  executor: (executor) => {
    const known = new Set<string>();
    return {
      execute: (request) => {
        const agent = request.agentId ?? '';
        const isKnown = known.has(agent);
        known.add(agent);
        return executor.execute(isKnown ? withContext(request, { facts: FACTS }) : request);
      },
    };
  },
};
