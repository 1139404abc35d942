import type { Delivery } from '../gateway/streams/stream-log.ts';
import type { Seams } from '../gateway/seams.ts';

const BATCH = 8;

/** Acknowledges what it reads, then collects it in memory until there is a batch worth storing: in whole batches, the rest waits. */
export const STREAM_ACK_BEFORE_WORK: Partial<Seams> = {
  streamLog: (log) => {
    const collected = new Map<string, readonly Delivery[]>();
    return {
      ...log,
      readNew: async (agent) => {
        const read = await log.readNew(agent);
        await log.acknowledge(
          agent,
          read.map(({ entry: [id] }) => id),
        );
        const all = [...(collected.get(agent) ?? []), ...read];
        const whole = all.length - (all.length % BATCH);
        collected.set(agent, all.slice(whole));
        return all.slice(0, whole);
      },
    };
  },
};
