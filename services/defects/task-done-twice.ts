import { inTransaction, type Sql } from '../gateway/database/pool.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';
import { tellOfTask } from '../gateway/tasks/change.ts';
import { TASK_COLUMNS, capabilitiesOf } from '../gateway/tasks/rows.ts';
import type { Task } from '../gateway/tasks/task.ts';

const NEXT = `select ${TASK_COLUMNS} from tasks where workspace_id = $1 and status = 'pending' and required_capabilities <@ $2
  order by priority desc, position limit 1`;
const TAKE = `update tasks set status = 'assigned', agent_id = $2, version = version + 1, updated_at = now() where id = $1 returning ${TASK_COLUMNS}`;

/** Looks for the next task, then takes it, without asking whether it is still free: two agents that ask at once get the same one. */
export const TASK_DONE_TWICE: Partial<Seams> = {
  tasks: (tasks, context) => ({
    ...tasks,
    claim: async (workspaceId, agentId) => {
      const capabilities = await capabilitiesOf(context.pool, workspaceId, agentId);
      const { rows } = await context.pool.query<Task>(NEXT, [workspaceId, capabilities]);
      const [next] = rows;
      if (next === undefined) return null;
      const taken = await inTransaction(context.pool, (sql) => take(sql, context, { next, agentId }));
      context.committed();
      return taken;
    },
  }),
};

async function take(sql: Sql, { audit }: SeamContext, { next, agentId }: { readonly next: Task; readonly agentId: string }): Promise<Task> {
  const { rows } = await sql.query<Task>(TAKE, [next.id, agentId]);
  return tellOfTask(sql, audit, { before: next, after: rows[0], action: 'assign' });
}
