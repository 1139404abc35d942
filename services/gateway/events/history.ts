import type { Pool } from 'pg';
import type { EventFilter } from './feeds.ts';
import { OUTBOX_COLUMNS, toEvent, type AgentEvent, type OutboxRow } from './outbox.ts';

export interface Stretch {
  readonly workspaceId: string;
  readonly filter: EventFilter;
  readonly afterSeq: number;
  readonly untilSeq: number;
  readonly limit: number;
}

/** Events that were committed before somebody began to listen. */
export interface History {
  /** In order; fewer than the limit when there are no more. */
  page(stretch: Stretch): Promise<readonly AgentEvent[]>;
  /** The first sequence number that is still kept; null when none is. */
  oldest(workspaceId: string): Promise<number | null>;
}

const PAGE = `select ${OUTBOX_COLUMNS} from outbox
  where workspace_id = $1 and seq > $2 and seq <= $3 and ($4::uuid[] is null or agent_id = any($4)) and ($5::uuid is null or task_id = $5)
    and ($6::text is null or (topic = 'delegation_event' and data->>'delegation_id' = $6))
  order by seq limit $7`;

export function createHistory(pool: Pool): History {
  return {
    page: async ({ workspaceId, filter: { agentIds, taskId, delegationId }, afterSeq, untilSeq, limit }) => {
      const values = [workspaceId, afterSeq, untilSeq, agentIds === null ? null : [...agentIds], taskId, delegationId, limit];
      return (await pool.query<OutboxRow>(PAGE, values)).rows.map(toEvent);
    },
    oldest: async (workspaceId) => {
      const { rows } = await pool.query<{ seq: string | null }>('select min(seq) as seq from outbox where workspace_id = $1', [
        workspaceId,
      ]);
      const seq = rows[0]?.seq ?? null;
      return seq === null ? null : Number(seq);
    },
  };
}
