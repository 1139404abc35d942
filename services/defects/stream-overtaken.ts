import { setTimeout as delay } from 'node:timers/promises';
import type { Seams } from '../gateway/seams.ts';

const HELD_MS = 40;
const EVERY = 5;

/** Every fifth message is acknowledged at once and added in a moment, with what else has come by then. */
export const STREAM_OVERTAKEN: Partial<Seams> = {
  streamLog: (log) => {
    let count = 0;
    return {
      ...log,
      append: async (entry) => {
        count += 1;
        if (count % EVERY !== 0) return log.append(entry);
        void delay(HELD_MS)
          .then(() => log.append(entry))
          .catch(() => undefined);
        return { kind: 'added', streamId: `${Date.now()}-0`, messageId: entry.messageId };
      },
    };
  },
};
