import type { Pool } from 'pg';
import { messageOf } from '../../shared/log.ts';
import type { StreamMessage } from './decode.ts';
import { streamOf } from './names.ts';

export interface Refused {
  readonly message: StreamMessage;
  readonly reason: string;
}

export interface MessageStore {
  /**
   * Stores what was not stored before; the message id makes a second time harmless.
   * @returns those that the database refuses for what is in them.
   * @throws when the fault is not a message's: the database is away, busy, or not migrated.
   */
  store(agent: string, messages: readonly StreamMessage[]): Promise<readonly Refused[]>;
}

const INSERT = `
  insert into agent_stream_messages
    (agent, stream, message_id, stream_id, workspace_id, from_agent, type, payload, priority, correlation_id, sent_at)
  select $1, $2, * from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::jsonb[], $9::int[], $10::text[], $11::timestamptz[])
  on conflict (message_id) do nothing`;

/** All at once; if that is refused one by one, so that a message that cannot be stored keeps no other from it. */
export function createMessageStore(pool: Pool): MessageStore {
  return {
    store: async (agent, messages) => {
      if (messages.length === 0) return [];
      const all = await insert(pool, agent, messages);
      if (all === null) return [];
      const refused: Refused[] = [];
      for (const message of messages) {
        const reason = await insert(pool, agent, [message]);
        if (reason !== null) refused.push({ message, reason });
      }
      return refused;
    },
  };
}

/** null, or why the database does not take what is in them. @throws for every other failure. */
async function insert(pool: Pool, agent: string, messages: readonly StreamMessage[]): Promise<string | null> {
  const column = <T>(pick: (message: StreamMessage) => T): readonly T[] => messages.map(pick);
  try {
    await pool.query(INSERT, [
      agent,
      streamOf(agent),
      column(({ messageId }) => messageId),
      column(({ streamId }) => streamId),
      column(({ workspaceId }) => workspaceId),
      column(({ fromAgent }) => fromAgent),
      column(({ type }) => type),
      column(({ payload }) => payload),
      column(({ priority }) => priority),
      column(({ correlationId }) => correlationId),
      column(({ sentAt }) => sentAt),
    ]);
    return null;
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    return messageOf(error);
  }
}

/** Classes 22 (data exception) and 23 (integrity constraint violation) of SQLSTATE. */
export function isAboutContent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^2[23]...$/.test(code);
}
