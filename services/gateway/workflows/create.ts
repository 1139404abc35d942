import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { WORKFLOW_COLUMNS, withTasks } from './rows.ts';
import type { WorkflowStatus } from './states.ts';
import type { NewWorkflow, WholeWorkflow, Workflow } from './workflow.ts';

const MAX_OPEN = 500;
const INSERT = `insert into workflows (id, workspace_id, name, strategy, status, request, idempotency_key) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (workspace_id, idempotency_key) do nothing returning ${WORKFLOW_COLUMNS}`;

export interface Created {
  readonly workflow: WholeWorkflow;
  /** false when the key had been used for the same workflow before. */
  readonly created: boolean;
}

/** The tasks must be in order. @throws ServiceError idempotency_conflict, or rate_limited when too many are open. */
export async function insertWorkflow(sql: Sql, audit: Audit, input: NewWorkflow, status: WorkflowStatus): Promise<Created> {
  const { workspaceId, name, strategy, idempotencyKey } = input;
  const request = JSON.stringify({ name, strategy, tasks: input.tasks });
  await requireRoom(sql);
  const { rows } = await sql.query<Workflow>(INSERT, [randomUUID(), workspaceId, name, strategy, status, request, idempotencyKey]);
  const [workflow] = rows;
  if (workflow === undefined) return { workflow: await madeBefore(sql, input, request), created: false };
  await insertTasks(sql, workflow.id, input);
  await audit.append(sql, { action: 'workflow.created', workspaceId, subject: workflow.id });
  return { workflow: await withTasks(sql, workflow), created: true };
}

async function requireRoom(sql: Sql): Promise<void> {
  const { rows } = await sql.query<{ open: number }>(`select count(*)::int as open from workflows where status in ('ready', 'running')`);
  if ((rows[0]?.open ?? 0) >= MAX_OPEN)
    throw new ServiceError('rate_limited', `${MAX_OPEN} workflows are open, which is the limit`, { retryAfterMs: 2000 });
}

async function insertTasks(sql: Sql, id: string, { tasks }: NewWorkflow): Promise<void> {
  await sql.query(
    `insert into workflow_tasks (workflow_id, position, id, name, capability, depends_on, work_ms)
     select $1, ordinality, task->>'id', task->>'name', task->>'capability',
       array(select jsonb_array_elements_text(task->'depends_on')), (task->>'work_ms')::int
     from jsonb_array_elements($2::jsonb) with ordinality as t (task, ordinality)`,
    [id, JSON.stringify(tasks)],
  );
}

async function madeBefore(sql: Sql, { workspaceId, idempotencyKey }: NewWorkflow, request: string): Promise<WholeWorkflow> {
  const { rows } = await sql.query<Workflow & { readonly same: boolean }>(
    `select ${WORKFLOW_COLUMNS}, request = $3::jsonb as same from workflows where workspace_id = $1 and idempotency_key = $2`,
    [workspaceId, idempotencyKey, request],
  );
  const [row] = rows;
  if (row?.same !== true) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another workflow');
  const { same: _, ...workflow } = row;
  return withTasks(sql, workflow);
}
