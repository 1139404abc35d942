import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';
import { WORKFLOW_COLUMNS, noWorkflow } from './rows.ts';
import { WORKFLOW_TRANSITIONS, endOf, type StepStatus, type WorkflowStatus } from './states.ts';
import type { Workflow } from './workflow.ts';

export interface WorkflowMove {
  readonly to: WorkflowStatus;
  readonly error?: string;
}

/** What the audit log and the watchers are told; `created` and `ready` are told by whoever makes the workflow. */
const TOLD: Readonly<Partial<Record<WorkflowStatus, { readonly audit: string; readonly event: string }>>> = {
  running: { audit: 'workflow.started', event: 'analysis_start' },
  paused: { audit: 'workflow.paused', event: 'progress' },
  completed: { audit: 'workflow.completed', event: 'completion' },
  failed: { audit: 'workflow.failed', event: 'failure' },
  cancelled: { audit: 'workflow.cancelled', event: 'cancelled' },
};

const MOVE = `update workflows set status = $2, error = coalesce($3, error), version = version + 1, updated_at = now(),
    started_at = case when $2 = 'running' then coalesce(started_at, now()) else started_at end,
    finished_at = case when $2 in ('completed', 'failed', 'cancelled') then now() end
  where id = $1 returning ${WORKFLOW_COLUMNS}`;

/** Whoever changes a workflow or ends one of its tasks waits here, and then sees what the one before did. @throws ServiceError not_found. */
export async function lockWorkflow(sql: Sql, workspaceId: string, id: string): Promise<Workflow> {
  const { rows } = await sql.query<Workflow>(`select ${WORKFLOW_COLUMNS} from workflows where id = $1 and workspace_id = $2 for update`, [
    id,
    workspaceId,
  ]);
  const [workflow] = rows;
  if (workflow === undefined) throw noWorkflow(id);
  return workflow;
}

/** The workflow must be locked. Writes the event, so it goes last. @throws ServiceError invalid_transition. */
export async function moveWorkflow(sql: Sql, audit: Audit, workflow: Workflow, move: WorkflowMove): Promise<Workflow> {
  const moved = await writeMove(sql, audit, workflow, move);
  await tellMove(sql, workflow, moved);
  return moved;
}

/** `moveWorkflow` without the event: for who has others to write before it. */
export async function writeMove(sql: Sql, audit: Audit, workflow: Workflow, { to, error }: WorkflowMove): Promise<Workflow> {
  const { id, status: from, workspace_id: workspaceId } = workflow;
  const allowed = WORKFLOW_TRANSITIONS[from];
  if (!allowed.includes(to))
    throw new ServiceError('invalid_transition', `a workflow that is ${from} cannot become ${to}`, { details: { from, to, allowed } });
  await endTasks(sql, id, to);
  const { rows } = await sql.query<Workflow>(MOVE, [id, to, error ?? null]);
  const [moved] = rows;
  if (moved === undefined) throw new Error(`workflow ${id} is gone`);
  const told = TOLD[to];
  if (told !== undefined) await audit.append(sql, { action: told.audit, workspaceId, subject: id, details: { from, to } });
  return moved;
}

/** The event of a move that was written. */
export async function tellMove(sql: Sql, { status: from }: Pick<Workflow, 'status'>, moved: Workflow): Promise<void> {
  const told = TOLD[moved.status];
  if (told !== undefined) await tellWatchers(sql, moved, { type: told.event, previous_status: from });
}

/** Watchers of `/ws/tasks/{id}` see a workflow as one task that makes progress. */
export async function tellWatchers(sql: Sql, workflow: Workflow, data: Readonly<Record<string, unknown>>): Promise<void> {
  const { id, workspace_id: workspaceId, status, error, version } = workflow;
  const sourceTs = new Date().toISOString();
  await appendEvent(sql, {
    workspaceId,
    type: 'task_event',
    taskId: id,
    data: { workflow_id: id, status, error, version, source_ts: sourceTs, ...data },
  });
}

/** What the tasks of a locked, running workflow make of it; null while there is work. */
export async function settledMove(sql: Sql, workflow: Workflow): Promise<WorkflowMove | null> {
  const { rows } = await sql.query<{ id: string; status: StepStatus; error: string | null }>(
    'select id, status, error from workflow_tasks where workflow_id = $1 order by position',
    [workflow.id],
  );
  const to = endOf(rows.map(({ status }) => status));
  const failed = rows.find(({ status }) => status === 'failed');
  return to === null ? null : { to, ...(failed === undefined ? {} : { error: `task "${failed.id}": ${failed.error ?? 'failed'}` }) };
}

async function endTasks(sql: Sql, id: string, to: WorkflowStatus): Promise<void> {
  if (to !== 'cancelled' && to !== 'failed') return;
  await sql.query(
    `update workflow_tasks set finished_at = now(), status = case when status = 'running' or $2 = 'cancelled' then 'cancelled' else 'skipped' end
     where workflow_id = $1 and status in ('pending', 'running')`,
    [id, to],
  );
}
