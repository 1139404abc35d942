import type { Seams } from '../gateway/seams.ts';

/** Reads messages by the agent's id alone: who knows the id sees them, from whichever workspace. */
export const TENANT_LEAK: Partial<Seams> = {
  messages: (messages, { pool }) => ({
    ...messages,
    list: async (query) => {
      const { rows } = await pool.query<{ workspace_id: string }>('select workspace_id from agent_instances where id = $1', [
        query.agentId,
      ]);
      return messages.list({ ...query, workspaceId: rows[0]?.workspace_id ?? query.workspaceId });
    },
  }),
};
