import { ServiceError } from '../../shared/service-error.ts';
import type { Sql } from '../database/pool.ts';
import type { WholeWorkflow, Workflow, WorkflowTask } from './workflow.ts';

export const WORKFLOW_COLUMNS = `id, workspace_id, name, strategy, status, error, version, created_at, started_at, finished_at, updated_at`;
const TASK_COLUMNS = 'id, name, capability, depends_on, work_ms, status, attempts, result, error, started_at, finished_at';

export function noWorkflow(id: string): ServiceError {
  return new ServiceError('not_found', `no workflow has the id ${id}`);
}

/** @throws ServiceError not_found. */
export async function readWorkflow(sql: Sql, workspaceId: string, id: string): Promise<WholeWorkflow> {
  const { rows } = await sql.query<Workflow>(`select ${WORKFLOW_COLUMNS} from workflows where id = $1 and workspace_id = $2`, [
    id,
    workspaceId,
  ]);
  const [workflow] = rows;
  if (workflow === undefined) throw noWorkflow(id);
  return withTasks(sql, workflow);
}

export async function withTasks(sql: Sql, workflow: Workflow): Promise<WholeWorkflow> {
  const { rows } = await sql.query<WorkflowTask>(`select ${TASK_COLUMNS} from workflow_tasks where workflow_id = $1 order by position`, [
    workflow.id,
  ]);
  return { ...workflow, tasks: rows };
}
