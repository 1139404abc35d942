import type { Sql } from '../database/pool.ts';
import type { AgentStatus } from './status.ts';

/** The project in whose limit an agent counts. */
export interface ProjectKey {
  readonly workspaceId: string;
  readonly projectId: string;
}

/** What keeps those apart who change the same at once; each holds until the end of the transaction. */
export interface AgentLocks {
  /** How many agents the project has; nobody adds one meanwhile. null: no such project. */
  count(sql: Sql, project: ProjectKey): Promise<number | null>;
  /** The agent's status; nobody changes it meanwhile. undefined: no such agent. */
  status(sql: Sql, workspaceId: string, id: string): Promise<AgentStatus | undefined>;
}

export const AGENT_LOCKS: AgentLocks = {
  count: async (sql, key) => {
    // Whoever adds an agent to the project waits here, so that the count below stays true.
    const project = await sql.query('select id from projects where workspace_id = $1 and id = $2 for update', [
      key.workspaceId,
      key.projectId,
    ]);
    return project.rowCount === 1 ? countOf(sql, key) : null;
  },
  status: async (sql, workspaceId, id) => {
    const { rows } = await sql.query<{ status: AgentStatus }>(
      'select status from agent_instances where id = $1 and workspace_id = $2 for update',
      [id, workspaceId],
    );
    return rows[0]?.status;
  },
};

async function countOf(sql: Sql, { workspaceId, projectId }: ProjectKey): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    'select count(*)::int as n from agent_instances where workspace_id = $1 and project_id = $2',
    [workspaceId, projectId],
  );
  return rows[0]?.n ?? 0;
}
