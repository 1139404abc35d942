import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

/** Between counting and making, as a service does that prepares what it makes. */
const PREPARING_MS = 5;

/** Counts without a lock: whoever counts before anybody has written sees room. */
export const CAP_COUNTED_APART: Partial<Seams> = {
  agentLocks: (locks) => ({
    ...locks,
    count: async (sql, { workspaceId, projectId }) => {
      const { rows } = await sql.query<{ n: number }>(
        `select count(a.id)::int as n from projects p left join agent_instances a on a.workspace_id = p.workspace_id and a.project_id = p.id
         where p.workspace_id = $1 and p.id = $2 group by p.id`,
        [workspaceId, projectId],
      );
      await delay(PREPARING_MS);
      return rows[0]?.n ?? null;
    },
  }),
};
