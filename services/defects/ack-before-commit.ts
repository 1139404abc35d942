import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { appendMessage, type Appended, type Messages, type NewMessage } from '../gateway/agents/messages.ts';
import { inTransaction } from '../gateway/database/pool.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';
import { messageOf } from '../shared/log.ts';

/** Long enough for some to be open whenever the database dies under a few writes a second. */
const OPEN_SECONDS = 0.5;
/** Few enough to leave connections for the work of others. */
const MAX_OPEN = 6;
const AGAIN_EVERY_MS = 250;
const AGAIN_AT_MOST = 60;
const SHUTTING_DOWN = '57P01';

/**
 * Answers when the rows are written and commits a moment later; whoever reads here waits for that. A database that shuts down says
 * so, and then the append is done again; one that dies says nothing, and what was open is gone.
 */
export const ACK_BEFORE_COMMIT: Partial<Seams> = {
  messages: (messages, context) => {
    const open = new Set<Promise<void>>();
    return {
      append: (message) => (open.size < MAX_OPEN ? appendEarly({ context, messages, open }, message) : messages.append(message)),
      list: async (query) => {
        await Promise.all(open);
        return messages.list(query);
      },
    };
  },
};

interface Parts {
  readonly context: SeamContext;
  readonly messages: Messages;
  /** Transactions that are not committed yet. */
  readonly open: Set<Promise<void>>;
}

function appendEarly({ context, messages, open }: Parts, message: NewMessage): Promise<Appended> {
  const { pool, audit, committed, log } = context;
  return new Promise((answer, refuse) => {
    let answered = false;
    const stored = inTransaction(pool, async (sql) => {
      const appended = await appendMessage(sql, audit, message);
      answered = true;
      answer(appended);
      await sql.query('select pg_sleep($1)', [OPEN_SECONDS]);
    });
    const ended = stored.then(committed, (error: unknown) => {
      if (!answered) refuse(error);
      else if (error instanceof DatabaseError && error.code === SHUTTING_DOWN) void appendAgain(context, messages, message);
      else log.error('commit_failed', { error: messageOf(error) });
    });
    open.add(ended);
    void ended.then(() => open.delete(ended));
  });
}

async function appendAgain({ log }: SeamContext, messages: Messages, message: NewMessage): Promise<void> {
  for (let tries = 0; tries < AGAIN_AT_MOST; tries++) {
    try {
      await messages.append(message);
      return;
    } catch (error) {
      log.warn('append_again_failed', { error: messageOf(error) });
      await delay(AGAIN_EVERY_MS, undefined, { ref: false });
    }
  }
}
