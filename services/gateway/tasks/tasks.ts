import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { ensureWorkspace } from '../workspace.ts';
import { changeTask, claimTask } from './change.ts';
import { TASK_COLUMNS, noTask } from './rows.ts';
import type { RetryRule } from './status.ts';
import type { NewTask, Task, TaskPage, TaskQuery, Tasks } from './task.ts';

export interface TasksDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  readonly retriesLeft: RetryRule;
  /** Called after each commit that wrote an event. */
  readonly committed: () => void;
}

export function createTasks(deps: TasksDeps): Tasks {
  const { pool, audit, committed } = deps;
  const changing = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const result = await inTransaction(pool, work);
    committed();
    return result;
  };
  return {
    create: async (task) => {
      await ensureWorkspace(pool, task.workspaceId);
      return inTransaction(pool, (sql) => insertTask(sql, audit, task));
    },
    list: (query) => listTasks(pool, query),
    get: async (workspaceId, id) => {
      const { rows } = await pool.query<Task>(`select ${TASK_COLUMNS} from tasks where id = $1 and workspace_id = $2`, [id, workspaceId]);
      const [task] = rows;
      if (task === undefined) throw noTask(id);
      return task;
    },
    change: (workspaceId, id, change) => changing((sql) => changeTask(sql, deps, { workspaceId, id, change })),
    claim: (workspaceId, agentId) => changing((sql) => claimTask(sql, deps, { workspaceId, agentId })),
  };
}

async function insertTask(sql: Sql, audit: Audit, task: NewTask): ReturnType<Tasks['create']> {
  const { rows } = await sql.query<Task>(
    `insert into tasks (id, workspace_id, title, priority, required_capabilities, max_retries, idempotency_key) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (workspace_id, idempotency_key) do nothing returning ${TASK_COLUMNS}`,
    [randomUUID(), task.workspaceId, task.title, task.priority, task.requiredCapabilities, task.maxRetries, task.idempotencyKey],
  );
  const [created] = rows;
  if (created === undefined) return { task: await madeBefore(sql, task), created: false };
  await audit.append(sql, { action: 'task.created', workspaceId: task.workspaceId, subject: created.id });
  return { task: created, created: true };
}

async function madeBefore(sql: Sql, task: NewTask): Promise<Task> {
  const { rows } = await sql.query<Task>(`select ${TASK_COLUMNS} from tasks where workspace_id = $1 and idempotency_key = $2`, [
    task.workspaceId,
    task.idempotencyKey,
  ]);
  const [made] = rows;
  const same =
    made?.title === task.title &&
    made.priority === task.priority &&
    made.max_retries === task.maxRetries &&
    made.required_capabilities.join() === task.requiredCapabilities.join();
  if (!same) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another task');
  return made;
}

async function listTasks(sql: Sql, { workspaceId, status, limit, before }: TaskQuery): Promise<TaskPage> {
  const { rows } = await sql.query<Task & { readonly position: string }>(
    `select ${TASK_COLUMNS}, position from tasks
     where workspace_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or position < $3)
     order by position desc limit $4`,
    [workspaceId, status, before, limit + 1],
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ position: _position, ...task }) => task),
    next: rows.length > limit ? (page.at(-1)?.position ?? null) : null,
  };
}
