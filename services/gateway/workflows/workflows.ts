import type { Pool } from 'pg';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { ensureWorkspace } from '../workspace.ts';
import { lockWorkflow, moveWorkflow, settledMove } from './change.ts';
import { insertWorkflow } from './create.ts';
import type { WorkflowPlanner } from './plan.ts';
import { WORKFLOW_COLUMNS, readWorkflow, withTasks } from './rows.ts';
import type { WorkflowStatus } from './states.ts';
import type { WholeWorkflow, Workflow, WorkflowQuery, Workflows } from './workflow.ts';

export interface WorkflowsDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  readonly plan: WorkflowPlanner;
  /** Called after each commit that may have given the runner work, or taken it away. */
  readonly changed: () => void;
}

export function createWorkflows(deps: WorkflowsDeps): Workflows {
  const { pool, audit, plan, changed } = deps;
  const move = async (workspaceId: string, id: string, to: WorkflowStatus): Promise<WholeWorkflow> => {
    const moved = await inTransaction(pool, (sql) => moveTo(sql, audit, { workspaceId, id, to }));
    changed();
    return moved;
  };
  return {
    create: async (input) => {
      const planned = { ...input, tasks: plan(input.tasks) };
      await ensureWorkspace(pool, input.workspaceId);
      const result = await inTransaction(pool, (sql) => insertWorkflow(sql, audit, planned, 'ready'));
      changed();
      return result;
    },
    list: (query) => listWorkflows(pool, query),
    get: (workspaceId, id) => readWorkflow(pool, workspaceId, id),
    cancel: (workspaceId, id) => move(workspaceId, id, 'cancelled'),
    pause: (workspaceId, id) => move(workspaceId, id, 'paused'),
    resume: (workspaceId, id) => move(workspaceId, id, 'running'),
  };
}

interface MoveArgs {
  readonly workspaceId: string;
  readonly id: string;
  readonly to: WorkflowStatus;
}

async function moveTo(sql: Sql, audit: Audit, { workspaceId, id, to }: MoveArgs): Promise<WholeWorkflow> {
  const moved = await moveWorkflow(sql, audit, await lockWorkflow(sql, workspaceId, id), { to });
  // Its last task may have ended during the pause.
  const end = to === 'running' ? await settledMove(sql, moved) : null;
  return withTasks(sql, end === null ? moved : await moveWorkflow(sql, audit, moved, end));
}

async function listWorkflows(sql: Sql, { workspaceId, status, limit, before }: WorkflowQuery): ReturnType<Workflows['list']> {
  const { rows } = await sql.query<Workflow & { readonly position: string }>(
    `select ${WORKFLOW_COLUMNS}, position from workflows
     where workspace_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or position < $3)
     order by position desc limit $4`,
    [workspaceId, status, before, limit + 1],
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ position: _position, ...workflow }) => workflow),
    next: rows.length > limit ? (page.at(-1)?.position ?? null) : null,
  };
}
