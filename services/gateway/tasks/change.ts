import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';
import { TASK_COLUMNS, capabilitiesOf, noTask } from './rows.ts';
import { TASK_ACTIONS, TASK_TRANSITIONS, isLegal, targetOf, type RetryRule, type TaskAction, type TaskStatus } from './status.ts';
import type { Change, Task } from './task.ts';

interface Rules {
  readonly audit: Audit;
  readonly retriesLeft: RetryRule;
}

interface ChangeArgs {
  readonly workspaceId: string;
  readonly id: string;
  readonly change: Change;
}

/** What the audit log and the watchers of the task are told. */
const TOLD: Readonly<Record<TaskAction, { readonly audit: string; readonly event: string }>> = {
  assign: { audit: 'task.assigned', event: 'analysis_start' },
  start: { audit: 'task.started', event: 'plan_ready' },
  block: { audit: 'task.blocked', event: 'progress' },
  unblock: { audit: 'task.unblocked', event: 'progress' },
  complete: { audit: 'task.completed', event: 'completion' },
  fail: { audit: 'task.failed', event: 'failure' },
  cancel: { audit: 'task.cancelled', event: 'cancelled' },
};

const LOCK = `select ${TASK_COLUMNS} from tasks where id = $1 and workspace_id = $2 for update`;
const MOVE = `update tasks set status = $2, agent_id = $3, result = $4, error = $5, retry_count = $6, version = version + 1, updated_at = now(),
    started_at = case when $2 = 'in_progress' then coalesce(started_at, now()) else started_at end,
    finished_at = case when $2 in ('completed', 'failed', 'cancelled') then now() end
  where id = $1 returning ${TASK_COLUMNS}`;
const CLAIM = `update tasks set status = 'assigned', agent_id = $2, version = version + 1, updated_at = now()
  where id = (select id from tasks where workspace_id = $1 and status = 'pending' and required_capabilities <@ $3
              order by priority desc, position limit 1 for update skip locked)
  returning ${TASK_COLUMNS}`;

/** The row lock makes one of two conflicting changes win; the other one sees what it did. */
export async function changeTask(sql: Sql, { audit, retriesLeft }: Rules, { workspaceId, id, change }: ChangeArgs): Promise<Task> {
  const locked = await sql.query<Task>(LOCK, [id, workspaceId]);
  const [task] = locked.rows;
  if (task === undefined) throw noTask(id);
  requireLegal(task.status, change.action);
  if (change.action === 'assign') await requireCapable(sql, task, change.agentId);
  const next = nextOf(task, change, retriesLeft);
  const { rows } = await sql.query<Task>(MOVE, [id, next.status, next.agent_id, jsonOf(next.result), next.error, next.retry_count]);
  return tellOfTask(sql, audit, { before: task, after: rows[0], action: change.action });
}

export async function claimTask(
  sql: Sql,
  { audit }: Rules,
  { workspaceId, agentId }: { readonly workspaceId: string; readonly agentId: string },
): Promise<Task | null> {
  const capabilities = await capabilitiesOf(sql, workspaceId, agentId);
  const { rows } = await sql.query<Task>(CLAIM, [workspaceId, agentId, capabilities]);
  const [task] = rows;
  if (task === undefined) return null;
  return tellOfTask(sql, audit, { before: { ...task, status: 'pending' }, after: task, action: 'assign' });
}

type Next = Pick<Task, 'status' | 'agent_id' | 'result' | 'error' | 'retry_count'>;

/** Exported for tests. */
export function nextOf(task: Task, change: Change, retriesLeft: RetryRule): Next {
  const { agent_id, result, error, retry_count } = task;
  const same = { status: targetOf(change.action), agent_id, result, error, retry_count };
  if (change.action === 'assign') return { ...same, agent_id: change.agentId };
  if (change.action === 'complete') return { ...same, result: change.result ?? null, error: null };
  if (change.action !== 'fail') return same;
  const again = change.retry && retriesLeft(task);
  return again
    ? { ...same, status: 'pending', agent_id: null, error: change.reason, retry_count: retry_count + 1 }
    : { ...same, error: change.reason };
}

function requireLegal(from: TaskStatus, action: TaskAction): void {
  if (isLegal(action, from)) return;
  const possible = TASK_ACTIONS.filter((other) => isLegal(other, from));
  const hint = possible.length === 0 ? 'it has ended' : `possible: ${possible.join(', ')}`;
  throw new ServiceError('invalid_transition', `a task that is ${from} takes no "${action}"; ${hint}`, {
    details: { from, to: targetOf(action), allowed: TASK_TRANSITIONS[from] },
  });
}

async function requireCapable(sql: Sql, task: Task, agentId: string): Promise<void> {
  const capabilities = await capabilitiesOf(sql, task.workspace_id, agentId);
  const missing = task.required_capabilities.filter((capability) => !capabilities.includes(capability));
  if (missing.length === 0) return;
  throw new ServiceError('conflict', `the agent cannot ${missing.join(', ')}`, { details: { missing, capabilities } });
}

export interface Told {
  readonly before: Pick<Task, 'status'>;
  readonly after: Task | undefined;
  readonly action: TaskAction;
}

/** Audit entry and event, in the transaction of the change; the event last, because it locks the workspace. */
export async function tellOfTask(sql: Sql, audit: Audit, { before, after, action }: Told): Promise<Task> {
  if (after === undefined) throw new Error('the database returned no row');
  const { id, workspace_id: workspaceId, status, agent_id: agentId } = after;
  const details = { from: before.status, to: status };
  await audit.append(sql, { action: TOLD[action].audit, workspaceId, subject: id, details });
  const retried = action === 'fail' && status === 'pending';
  await appendEvent(sql, {
    workspaceId,
    type: 'task_event',
    taskId: id,
    ...(agentId === null ? {} : { agentId }),
    data: {
      type: retried ? 'progress' : TOLD[action].event,
      action,
      previous_status: before.status,
      status,
      agent_id: agentId,
      retry_count: after.retry_count,
      error: after.error,
      version: after.version,
      source_ts: new Date().toISOString(),
    },
  });
  return after;
}

function jsonOf(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
