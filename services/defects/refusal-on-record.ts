import type { Seams } from '../gateway/seams.ts';
import { ServiceError } from '../shared/service-error.ts';

/** Writes the entry of a move before it is checked: the refusal does not take it along. */
export const REFUSAL_ON_RECORD: Partial<Seams> = {
  agents: (agents, { pool, audit }) => ({
    ...agents,
    patch: async (workspaceId, id, patch) => {
      try {
        return await agents.patch(workspaceId, id, patch);
      } catch (error) {
        if (error instanceof ServiceError && error.code === 'invalid_transition')
          await audit.append(pool, { action: 'agent.status_changed', workspaceId, subject: id, details: { to: patch.status } });
        throw error;
      }
    },
  }),
};
