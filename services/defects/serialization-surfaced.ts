import { setTimeout as delay } from 'node:timers/promises';
import { appendMessage } from '../gateway/agents/messages.ts';
import { inTransaction } from '../gateway/database/pool.ts';
import type { Seams } from '../gateway/seams.ts';

/** Enough to be met by others on the same agent, and few enough for most to be answered well. */
const EVERY = 5;
/** In this time others on the same agent have committed. */
const WORKS_IT_OUT_MS = 40;

/** Every fifth append is made in isolation from the others, and fails with an error that nobody expected when the database wants it repeated. */
export const SERIALIZATION_SURFACED: Partial<Seams> = {
  messages: (messages, { pool, audit, committed }) => {
    let count = 0;
    return {
      ...messages,
      append: async (message) => {
        count++;
        if (count % EVERY !== 0) return messages.append(message);
        const appended = await inTransaction(pool, async (sql) => {
          await sql.query('set transaction isolation level repeatable read');
          // What it sees is what there is now, whoever is writing.
          await sql.query('select message_count from agent_instances where id = $1', [message.agentId]);
          await delay(WORKS_IT_OUT_MS);
          return appendMessage(sql, audit, message);
        }).catch(unexpected);
        committed();
        return appended;
      },
    };
  },
};

/** Nobody has thought of it: it is an error like any other. */
function unexpected(error: unknown): never {
  throw new Error('the append failed', { cause: error });
}
