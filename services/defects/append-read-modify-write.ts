import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { noAgent } from '../gateway/agents/agents.ts';
import { MESSAGE_COLUMNS, report, type Message, type NewMessage } from '../gateway/agents/messages.ts';
import type { Audit } from '../gateway/audit/audit.ts';
import { inTransaction, type Sql } from '../gateway/database/pool.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Between reading and writing, as a service does that prepares what it writes. */
const PREPARING_MS = 5;

/** Alone it is right; two at once take the same position, and the one that writes last wins. */
export const APPEND_READ_MODIFY_WRITE: Partial<Seams> = {
  messages: (messages, context) => ({
    ...messages,
    append: async (message) => ({ message: await overwriteNext(context, message), created: true }),
  }),
};

async function overwriteNext({ pool, audit, committed }: SeamContext, message: NewMessage): Promise<Message> {
  const read = await pool.query<{ message_count: number }>(
    'select message_count from agent_instances where id = $1 and workspace_id = $2',
    [message.agentId, message.workspaceId],
  );
  const count = read.rows[0]?.message_count;
  if (count === undefined) throw noAgent(message.agentId);
  await delay(PREPARING_MS);
  const stored = await inTransaction(pool, (sql) => write(sql, audit, message, count + 1));
  committed();
  return stored;
}

async function write(sql: Sql, audit: Audit, message: NewMessage, position: number): Promise<Message> {
  await sql.query('update agent_instances set message_count = $2 where id = $1', [message.agentId, position]);
  const { rows } = await sql.query<Message>(
    `insert into agent_messages (id, agent_id, position, direction, payload, correlation_id) values ($1, $2, $3, $4, $5, $6)
     on conflict (agent_id, position) do update set id = excluded.id, payload = excluded.payload, direction = excluded.direction
     returning ${MESSAGE_COLUMNS}`,
    [randomUUID(), message.agentId, position, message.direction, JSON.stringify(message.payload), message.correlationId],
  );
  const [stored] = rows;
  if (stored === undefined) throw new Error('the database returned no row');
  await report(sql, audit, message.workspaceId, stored);
  return stored;
}
