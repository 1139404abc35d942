import type { Agent } from '../gateway/agents/agents.ts';
import type { Seams } from '../gateway/seams.ts';

/** Lists the ids, then reads each agent by itself. */
export const N_PLUS_ONE: Partial<Seams> = {
  agents: (agents, { pool }) => ({
    ...agents,
    list: async (workspaceId, projectId) => {
      const { rows } = await pool.query<{ id: string }>(
        `select id from agent_instances where workspace_id = $1 and ($2::uuid is null or project_id = $2) order by created_at, id limit 500`,
        [workspaceId, projectId ?? null],
      );
      const found: Agent[] = [];
      for (const { id } of rows) found.push(await agents.get(workspaceId, id));
      return found;
    },
  }),
};
