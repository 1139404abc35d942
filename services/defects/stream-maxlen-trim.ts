import { streamOf } from '../gateway/streams/names.ts';
import type { Seams } from '../gateway/seams.ts';

/** "Streams must be bounded": read or not. */
const LENGTH = 20;

/** Trims the stream by length whenever something is added to it. */
export const STREAM_MAXLEN_TRIM: Partial<Seams> = {
  streamLog: (log, { redis }) => ({
    ...log,
    append: async (entry) => {
      const appended = await log.append(entry);
      await redis.xtrim(streamOf(entry.agent), 'MAXLEN', LENGTH);
      return appended;
    },
  }),
};
