import type { Delivery } from '../gateway/streams/stream-log.ts';
import type { Seams } from '../gateway/seams.ts';

interface Again {
  readonly agent: string;
  readonly delivery: Delivery;
  readonly dueAtMs: number;
}

/** What is to be tried again is remembered in the process: what a consumer had in its hands when it died is pending for ever. */
export const STREAM_NO_RECLAIM: Partial<Seams> = {
  streamLog: (log) => {
    const inHand = new Map<string, Delivery>();
    const again = new Map<string, Again>();
    const remember = (agent: string, delivery: Delivery, afterMs: number): void => {
      again.set(`${agent} ${delivery.entry[0]}`, { agent, delivery, dueAtMs: performance.now() + afterMs });
    };
    return {
      ...log,
      readNew: async (agent) => {
        const read = await log.readNew(agent);
        for (const delivery of read) inHand.set(`${agent} ${delivery.entry[0]}`, delivery);
        return read;
      },
      retryLater: async (agent, delivery, afterMs) => remember(agent, { ...delivery, tries: delivery.tries + 1 }, afterMs),
      giveBack: async (agent, ids) => {
        for (const id of ids) remember(agent, inHand.get(`${agent} ${id}`) ?? { entry: [id, null], tries: 1 }, 0);
      },
      takeStale: async function* (agent) {
        const due = [...again].filter(([, { agent: whose, dueAtMs }]) => whose === agent && dueAtMs <= performance.now());
        for (const [key] of due) again.delete(key);
        if (due.length > 0) yield due.map(([, { delivery }]) => delivery);
      },
    };
  },
};
