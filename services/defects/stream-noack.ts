import { randomUUID } from 'node:crypto';
import { BATCH } from '../gateway/streams/stream-log.ts';
import { groupOf, streamOf } from '../gateway/streams/names.ts';
import type { StreamEntry } from '../gateway/streams/decode.ts';
import type { Seams } from '../gateway/seams.ts';

/** Reads with NOACK, which saves the bookkeeping: what was read and not finished is known to nobody. */
export const STREAM_NOACK: Partial<Seams> = {
  streamLog: (log, { redis }) => {
    const consumer = `reader-${randomUUID()}`;
    return {
      ...log,
      readNew: async (agent) => {
        try {
          const options = ['COUNT', BATCH, 'NOACK', 'STREAMS', streamOf(agent), '>'] as const;
          const reply = await redis.xreadgroup('GROUP', groupOf(agent), consumer, ...options);
          const [first] = (reply ?? []) as readonly (readonly [string, readonly StreamEntry[]])[];
          return (first?.[1] ?? []).map((entry) => ({ entry, tries: 1 }));
        } catch (error) {
          if (!String(error).includes('NOGROUP')) throw error;
          return log.readNew(agent);
        }
      },
    };
  },
};
