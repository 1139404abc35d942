import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** No answer counts as not added: the message goes in once more, as another one, although it may be there already. */
export const STREAM_DOUBLE_ADD: Partial<Seams> = {
  streamLog: (log) => ({
    ...log,
    append: async (entry) => {
      for (let attempt = 1; ; attempt++) {
        const messageId = attempt === 1 ? entry.messageId : randomUUID();
        try {
          return await log.append({ ...entry, messageId, fields: { ...entry.fields, message_id: messageId } });
        } catch (error) {
          if (attempt >= ATTEMPTS) throw error;
          await delay(PAUSE_MS);
        }
      }
    },
  }),
};
