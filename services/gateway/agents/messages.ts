import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';
import { noAgent } from './agents.ts';

export type Direction = 'inbound' | 'outbound' | 'system';

export interface Message {
  readonly message_id: string;
  readonly agent_id: string;
  /** 1 for the agent's first message, without gaps: the order in which they were committed. */
  readonly position: number;
  readonly direction: Direction;
  readonly payload: unknown;
  readonly correlation_id: string | null;
  readonly created_at: Date;
}

export interface NewMessage {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly direction: Direction;
  readonly payload: unknown;
  readonly correlationId: string | null;
  /** The same key for the same agent stores the message once, however often it is sent; until the message is too old to be kept. */
  readonly idempotencyKey: string | null;
}

export interface MessageQuery {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly limit: number;
  /** Only messages before this position. */
  readonly before: number | null;
  readonly direction: Direction | null;
  readonly correlationId: string | null;
}

export interface Appended {
  readonly message: Message;
  readonly created: boolean;
}

export interface Messages {
  /**
   * @returns the stored message; `created` is false when the key had been used for the same message before.
   * @throws ServiceError not_found, or idempotency_conflict when the key was used for another message.
   */
  append(message: NewMessage): Promise<Appended>;
  /** Newest first. @throws ServiceError not_found. */
  list(query: MessageQuery): Promise<readonly Message[]>;
}

export const MESSAGE_COLUMNS = 'id as message_id, agent_id, position, direction, payload, correlation_id, created_at';

export interface MessagesDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  /** Called after each commit that wrote an event. */
  readonly committed: () => void;
}

export function createMessages({ pool, audit, committed }: MessagesDeps): Messages {
  return {
    append: async (message) => {
      const result = await inTransaction(pool, (sql) => appendMessage(sql, audit, message));
      committed();
      return result;
    },
    list: async (query) => {
      const { rows } = await pool.query<Message>(
        `select ${MESSAGE_COLUMNS} from agent_messages
         where agent_id = $1 and exists (select from agent_instances where id = $1 and workspace_id = $2)
           and ($3::int is null or position < $3) and ($4::text is null or direction = $4) and ($5::text is null or correlation_id = $5)
         order by position desc limit $6`,
        [query.agentId, query.workspaceId, query.before, query.direction, query.correlationId, query.limit],
      );
      if (rows.length === 0) await requireAgent(pool, query);
      return rows;
    },
  };
}

/** Within a transaction. Locks the agent, then (with the event, at the end) the workspace. */
export async function appendMessage(sql: Sql, audit: Audit, message: NewMessage): Promise<Appended> {
  // The row lock serialises appends to one agent: the position is free, and a repeated key sees the first one's row.
  const taken = await sql.query<{ position: number }>(
    `update agent_instances set message_count = message_count + 1, updated_at = now() where id = $1 and workspace_id = $2
     returning message_count as position`,
    [message.agentId, message.workspaceId],
  );
  const position = taken.rows[0]?.position;
  if (position === undefined) throw noAgent(message.agentId);
  const { rows } = await sql.query<Message>(
    `insert into agent_messages (id, agent_id, position, direction, payload, correlation_id, idempotency_key) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (agent_id, idempotency_key) do nothing returning ${MESSAGE_COLUMNS}`,
    [
      randomUUID(),
      message.agentId,
      position,
      message.direction,
      JSON.stringify(message.payload),
      message.correlationId,
      message.idempotencyKey,
    ],
  );
  const [stored] = rows;
  if (stored === undefined) return replay(sql, message);
  await report(sql, audit, message.workspaceId, stored);
  return { message: stored, created: true };
}

/** Audit entry and event of a message that was stored. */
export async function report(sql: Sql, audit: Audit, workspaceId: string, message: Message): Promise<void> {
  const { message_id: subject, agent_id: agentId, position, direction } = message;
  await audit.append(sql, { action: 'message.appended', workspaceId, subject, details: { agent_id: agentId, position, direction } });
  const data = { message, source_ts: new Date().toISOString() };
  await appendEvent(sql, { workspaceId, type: 'agent_message', agentId, data });
}

/** Gives the number back and answers with what the first request stored. */
async function replay(sql: Sql, message: NewMessage): Promise<Appended> {
  await sql.query('update agent_instances set message_count = message_count - 1 where id = $1', [message.agentId]);
  const { rows } = await sql.query<Message & { readonly same: boolean }>(
    `select ${MESSAGE_COLUMNS}, payload = $3::jsonb and direction = $4 as same from agent_messages where agent_id = $1 and idempotency_key = $2`,
    [message.agentId, message.idempotencyKey, JSON.stringify(message.payload), message.direction],
  );
  const [row] = rows;
  if (row?.same !== true) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another message');
  const { same: _, ...stored } = row;
  return { message: stored, created: false };
}

async function requireAgent(sql: Sql, { agentId, workspaceId }: MessageQuery): Promise<void> {
  const { rowCount } = await sql.query('select from agent_instances where id = $1 and workspace_id = $2', [agentId, workspaceId]);
  if (rowCount === 0) throw noAgent(agentId);
}
