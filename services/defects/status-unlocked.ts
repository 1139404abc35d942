import { setTimeout as delay } from 'node:timers/promises';
import type { AgentStatus } from '../gateway/agents/status.ts';
import type { Seams } from '../gateway/seams.ts';

/** Between looking and moving, as a service does that asks somebody whether the move is allowed. */
const CHECKING_MS = 5;

/** Reads the status without a lock: two moves that are checked at once are checked against the same one. */
export const STATUS_UNLOCKED: Partial<Seams> = {
  agentLocks: (locks) => ({
    ...locks,
    status: async (sql, workspaceId, id) => {
      const { rows } = await sql.query<{ status: AgentStatus }>('select status from agent_instances where id = $1 and workspace_id = $2', [
        id,
        workspaceId,
      ]);
      await delay(CHECKING_MS);
      return rows[0]?.status;
    },
  }),
};
