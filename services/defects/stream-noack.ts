import { randomUUID } from 'node:crypto';
import type { Delivery } from '../gateway/streams/stream-log.ts';
import { groupOf, streamOf } from '../gateway/streams/names.ts';
import type { StreamEntry } from '../gateway/streams/decode.ts';
import type { Seams } from '../gateway/seams.ts';

/** From so many on it is a backlog. */
const BACKLOG = 10;

/** A backlog is read with NOACK, which saves the bookkeeping: what was read and not finished is known to nobody. */
export const STREAM_NOACK: Partial<Seams> = {
  streamLog: (log, { redis }) => {
    const consumer = `reader-${randomUUID()}`;
    const lagOf = async (agent: string): Promise<number> => {
      const groups = (await redis.xinfo('GROUPS', streamOf(agent)).catch(() => [])) as readonly (readonly unknown[])[];
      const own = groups.find((group) => group.includes(groupOf(agent))) ?? [];
      return Number(own[own.indexOf('lag') + 1] ?? 0);
    };
    const readQuickly = async (agent: string): Promise<readonly Delivery[]> => {
      const options = ['COUNT', BACKLOG, 'NOACK', 'STREAMS', streamOf(agent), '>'] as const;
      const reply = await redis.xreadgroup('GROUP', groupOf(agent), consumer, ...options);
      const [first] = (reply ?? []) as readonly (readonly [string, readonly StreamEntry[]])[];
      return (first?.[1] ?? []).map((entry) => ({ entry, tries: 1 }));
    };
    return {
      ...log,
      readNew: async (agent) => {
        const quick = (await lagOf(agent)) >= BACKLOG ? await readQuickly(agent) : [];
        const rest = await log.readNew(agent);
        return [...quick, ...rest];
      },
    };
  },
};
