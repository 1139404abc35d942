import type { Agent } from '../gateway/agents/agents.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** After an agent has become idle, the object that was read before the change is saved: the answer is right, the row is not. */
export const AGENT_STATUS_STUCK: Partial<Seams> = {
  agents: (agents, context) => ({
    ...agents,
    patch: async (workspaceId, id, patch) => {
      if (patch.status !== 'idle') return agents.patch(workspaceId, id, patch);
      const stale = await agents.get(workspaceId, id);
      const patched = await agents.patch(workspaceId, id, patch);
      await save(context, stale);
      return patched;
    },
  }),
};

async function save({ pool }: SeamContext, { id, workspace_id: workspaceId, status }: Agent): Promise<void> {
  await pool.query('update agent_instances set status = $3 where id = $1 and workspace_id = $2', [id, workspaceId, status]);
}
