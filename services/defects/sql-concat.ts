import { MESSAGE_COLUMNS, type Message, type MessageQuery } from '../gateway/agents/messages.ts';
import type { Seams } from '../gateway/seams.ts';

/** Puts the correlation id into the statement as text; the rest goes as parameters. */
export const SQL_CONCAT: Partial<Seams> = {
  messages: (messages, { pool }) => ({
    ...messages,
    list: async (query) => {
      // Nothing to filter by, or an agent that is not there: the right way.
      if (query.correlationId === null || (await messages.list({ ...query, limit: 1, correlationId: null })).length === 0) {
        return messages.list(query);
      }
      const { rows } = await pool.query<Message>(statement(query), [query.agentId, query.before, query.direction, query.limit]);
      return rows;
    },
  }),
};

function statement({ correlationId }: MessageQuery): string {
  return `select ${MESSAGE_COLUMNS} from agent_messages
    where agent_id = $1 and ($2::int is null or position < $2) and ($3::text is null or direction = $3)
      and correlation_id = '${correlationId}'
    order by position desc limit $4`;
}
