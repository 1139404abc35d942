import { ServiceError } from '../../shared/service-error.ts';
import type { Sql } from '../database/pool.ts';

export const TASK_COLUMNS = `id, workspace_id, title, status, priority, required_capabilities, max_retries, retry_count, agent_id, result,
  error, version, created_at, started_at, finished_at, updated_at`;

export function noTask(id: string): ServiceError {
  return new ServiceError('not_found', `no task has the id ${id}`);
}

/** What the agent can do. @throws ServiceError not_found. */
export async function capabilitiesOf(sql: Sql, workspaceId: string, agentId: string): Promise<readonly string[]> {
  const { rows } = await sql.query<{ capabilities: readonly string[] }>(
    `select d.capabilities from agent_instances a join agent_definitions d on d.id = a.definition_id where a.id = $1 and a.workspace_id = $2`,
    [agentId, workspaceId],
  );
  const [agent] = rows;
  if (agent === undefined) throw new ServiceError('not_found', `no agent has the id ${agentId}`);
  return agent.capabilities;
}
