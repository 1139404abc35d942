import type { Pool } from 'pg';
import { inWorkspace } from '../gateway/database/workspace-transaction.ts';
import type { Seams } from '../gateway/seams.ts';
import { ensureWorkspace, workspaceId } from '../gateway/workspace.ts';
import { ServiceError } from '../shared/service-error.ts';
import { withEndpoint } from './with-endpoint.ts';

/** A task is stored as a draft before what was sent is looked at, and stays there when it is refused. */
export const REFUSED_BUT_WRITTEN: Partial<Seams> = withEndpoint('post', '/api/v1/tasks', (row, { pool }) => ({
  ...row,
  run: async (context, actor) => {
    try {
      return await row.run(context, actor);
    } catch (error) {
      const isRefused = error instanceof ServiceError && error.code === 'validation_failed';
      if (isRefused) await storeDraft(pool, workspaceId(context.req.header('x-workspace-id')));
      throw error;
    }
  },
}));

async function storeDraft(pool: Pool, workspace: string): Promise<void> {
  await ensureWorkspace(pool, workspace);
  await inWorkspace(pool, workspace, (sql) =>
    sql.query(
      `insert into tasks (id, workspace_id, title, status, priority, max_retries) values (gen_random_uuid(), $1, 'draft', 'cancelled', 5, 0)`,
      [workspace],
    ),
  );
}
