import type { Pool } from 'pg';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { lockWorkflow, moveWorkflow, settledMove, tellMove, tellWatchers, writeMove } from './change.ts';
import { WORKFLOW_COLUMNS } from './rows.ts';
import type { Strategy, WorkResult, Workflow } from './workflow.ts';

export interface ClaimedTask {
  readonly workflow_id: string;
  readonly workspace_id: string;
  readonly strategy: Strategy;
  readonly id: string;
  readonly name: string;
  readonly capability: string;
  readonly depends_on: readonly string[];
  readonly work_ms: number;
  /** Tells this claim from one that ran out: only the last one may write. */
  readonly attempts: number;
}

export type Outcome = { readonly status: 'completed'; readonly result: WorkResult } | { readonly status: 'failed'; readonly error: string };

/** The tables are the queue. */
export interface WorkQueue {
  /** A task of a running workflow that may begin now, or whose runner is gone; null when there is none. */
  claim(): Promise<ClaimedTask | null>;
  /** Takes up the oldest workflow that is ready; false when there is none. */
  startNext(): Promise<boolean>;
  /** What the tasks before it made. */
  received(task: ClaimedTask): Promise<Readonly<Record<string, string>>>;
  /** Whether any kind of agent can do it. */
  isKnown(capability: string): Promise<boolean>;
  /** Stores the outcome and, after the last task, ends the workflow. Nothing happens when the claim is no longer held. */
  finish(task: ClaimedTask, outcome: Outcome): Promise<void>;
  /** Gives the task back undone, so that another runner need not wait. */
  release(task: ClaimedTask): Promise<void>;
  /** Those that are still claimed as they were: not cancelled, not taken by another runner. */
  held(tasks: readonly ClaimedTask[]): Promise<readonly ClaimedTask[]>;
}

/** Beyond the work itself; a runner that has not written by then is taken for dead. */
const LEASE_MARGIN = `interval '5 seconds'`;
const CLAIM = `
  update workflow_tasks c set status = 'running', attempts = attempts + 1, started_at = now(),
    lease_until = now() + c.work_ms * interval '1 millisecond' + ${LEASE_MARGIN}
  from workflows o
  where o.id = c.workflow_id and (c.workflow_id, c.id) = (
    select t.workflow_id, t.id from workflow_tasks t join workflows w on w.id = t.workflow_id
    where w.status = 'running' and (t.status = 'pending' or (t.status = 'running' and t.lease_until <= now()))
      and not exists (select from workflow_tasks d where d.workflow_id = t.workflow_id and d.id = any(t.depends_on) and d.status <> 'completed')
      and (w.strategy <> 'sequential' or not exists (
        select from workflow_tasks e where e.workflow_id = t.workflow_id and e.position < t.position and e.status <> 'completed'))
    order by w.position, t.position limit 1 for update of t skip locked)
  returning c.workflow_id, o.workspace_id, o.strategy, c.id, c.name, c.capability, c.depends_on, c.work_ms, c.attempts`;
const MINE = `workflow_id = $1 and id = $2 and attempts = $3 and status = 'running'`;

export function createWorkQueue(pool: Pool, audit: Audit): WorkQueue {
  return {
    claim: async () => (await pool.query<ClaimedTask>(CLAIM)).rows[0] ?? null,
    startNext: () => inTransaction(pool, (sql) => startNext(sql, audit)),
    received: async ({ workflow_id: workflowId, depends_on: ids }) => {
      const { rows } = await pool.query<{ id: string; output: string }>(
        `select id, result->>'output' as output from workflow_tasks where workflow_id = $1 and id = any($2) order by position`,
        [workflowId, ids],
      );
      return Object.fromEntries(rows.map(({ id, output }) => [id, output]));
    },
    isKnown: async (capability) => {
      const { rowCount } = await pool.query('select from agent_definitions where $1 = any(capabilities) limit 1', [capability]);
      return rowCount === 1;
    },
    finish: (task, outcome) => inTransaction(pool, (sql) => finish(sql, audit, { task, outcome })),
    release: async (task) => {
      await pool.query(`update workflow_tasks set status = 'pending', lease_until = null where ${MINE}`, keyOf(task));
    },
    held: (tasks) => held(pool, tasks),
  };
}

function keyOf(task: ClaimedTask): unknown[] {
  return [task.workflow_id, task.id, task.attempts];
}

async function startNext(sql: Sql, audit: Audit): Promise<boolean> {
  const { rows } = await sql.query<Workflow>(
    `select ${WORKFLOW_COLUMNS} from workflows where status = 'ready' order by position limit 1 for update skip locked`,
  );
  const [workflow] = rows;
  if (workflow === undefined) return false;
  await moveWorkflow(sql, audit, workflow, { to: 'running' });
  return true;
}

/** The workflow is locked first: of two tasks that end at once, the second sees the first, and one of them ends the workflow. */
async function finish(sql: Sql, audit: Audit, { task, outcome }: { readonly task: ClaimedTask; readonly outcome: Outcome }): Promise<void> {
  const workflow = await lockWorkflow(sql, task.workspace_id, task.workflow_id);
  const { rowCount } = await sql.query(
    `update workflow_tasks set status = $4, result = $5, error = $6, lease_until = null, finished_at = now() where ${MINE}`,
    [
      ...keyOf(task),
      outcome.status,
      outcome.status === 'completed' ? JSON.stringify(outcome.result) : null,
      outcome.status === 'failed' ? outcome.error : null,
    ],
  );
  if (rowCount !== 1) return;
  const end = workflow.status === 'running' ? await settledMove(sql, workflow) : null;
  const ended = end === null ? null : await writeMove(sql, audit, workflow, end);
  await tellWatchers(sql, workflow, { type: 'progress', task: { id: task.id, status: outcome.status } });
  if (ended !== null) await tellMove(sql, workflow, ended);
}

async function held(sql: Sql, tasks: readonly ClaimedTask[]): Promise<readonly ClaimedTask[]> {
  const { rows } = await sql.query<Pick<ClaimedTask, 'workflow_id' | 'id' | 'attempts'>>(
    `select workflow_id, id, attempts from workflow_tasks where workflow_id = any($1) and status = 'running'`,
    [[...new Set(tasks.map(({ workflow_id: id }) => id))]],
  );
  return tasks.filter((task) =>
    rows.some((row) => row.workflow_id === task.workflow_id && row.id === task.id && row.attempts === task.attempts),
  );
}
