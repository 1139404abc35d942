import type { Seams } from '../gateway/seams.ts';
import { TASK_COLUMNS } from '../gateway/tasks/rows.ts';
import type { Task } from '../gateway/tasks/task.ts';

/** Compares the workspace as text, for which there is no index: every list reads the tasks of all workspaces. */
export const LIST_BY_TEXT: Partial<Seams> = {
  tasks: (tasks, { pool }) => ({
    ...tasks,
    list: async ({ workspaceId, status, limit, before }) => {
      const { rows } = await pool.query<Task & { readonly position: string }>(
        `select ${TASK_COLUMNS}, position from tasks
         where workspace_id::text = $1 and ($2::text is null or status = $2) and ($3::bigint is null or position < $3)
         order by position desc limit $4`,
        [workspaceId, status, before, limit + 1],
      );
      const page = rows.slice(0, limit);
      return {
        items: page.map(({ position: _position, ...task }) => task),
        next: rows.length > limit ? (page.at(-1)?.position ?? null) : null,
      };
    },
  }),
};
