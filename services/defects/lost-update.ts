import { setTimeout as delay } from 'node:timers/promises';
import { reportPatch, type Agent, type AgentPatch } from '../gateway/agents/agents.ts';
import { inTransaction } from '../gateway/database/pool.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Between reading and writing, as a service does that checks what it merged. */
const MERGING_MS = 5;

/** Merges the config it has read and writes the whole of it back; name and status go the right way. */
export const LOST_UPDATE: Partial<Seams> = {
  agents: (agents, context) => ({
    ...agents,
    patch: async (workspaceId, id, { config, ...rest }) => {
      const agent =
        rest.name === undefined && rest.status === undefined
          ? await agents.get(workspaceId, id)
          : await agents.patch(workspaceId, id, rest);
      if (config === undefined) return agent;
      await delay(MERGING_MS);
      await writeBack(context, agent, config);
      return agents.get(workspaceId, id);
    },
  }),
};

async function writeBack({ pool, audit, committed }: SeamContext, agent: Agent, config: NonNullable<AgentPatch['config']>): Promise<void> {
  const { id, workspace_id: workspaceId, status } = agent;
  const merged = { ...(agent.config as object), ...config };
  await inTransaction(pool, async (sql) => {
    await sql.query(
      'update agent_instances set config = $3, version = version + 1, updated_at = now() where id = $1 and workspace_id = $2',
      [id, workspaceId, JSON.stringify(merged)],
    );
    await reportPatch(sql, audit, { workspaceId, agentId: id, patch: { config }, from: status, to: status });
  });
  committed();
}
