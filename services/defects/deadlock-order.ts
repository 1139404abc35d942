import { appendMessage } from '../gateway/agents/messages.ts';
import { inTransaction } from '../gateway/database/pool.ts';
import type { Seams } from '../gateway/seams.ts';

/** The quota is looked at every so often, not for every message. */
const EVERY = 10;

/** Every tenth append locks the workspace, then the agent; the others lock the agent, then the workspace. */
export const DEADLOCK_ORDER: Partial<Seams> = {
  messages: (messages, { pool, audit, committed }) => {
    let count = 0;
    return {
      ...messages,
      append: async (message) => {
        count++;
        if (count % EVERY !== 0) return messages.append(message);
        const appended = await inTransaction(pool, async (sql) => {
          await sql.query('select last_seq from workspaces where id = $1 for update', [message.workspaceId]);
          return appendMessage(sql, audit, message);
        });
        committed();
        return appended;
      },
    };
  },
};
