import type { Delivery } from '../gateway/streams/stream-log.ts';
import type { Seams } from '../gateway/seams.ts';

const EVERY = 40;
const ASIDE_MS = 6_000;

interface SetAside {
  readonly delivery: Delivery;
  readonly dueAtMs: number;
}

/** Every fortieth message is set aside and handled with those that come six seconds later. */
export const STREAM_SET_ASIDE: Partial<Seams> = {
  streamLog: (log) => {
    const aside = new Map<string, readonly SetAside[]>();
    let count = 0;
    return {
      ...log,
      readNew: async (agent) => {
        const [read, nowMs] = [await log.readNew(agent), performance.now()];
        const [later, now] = [[...(aside.get(agent) ?? [])], [] as Delivery[]];
        for (const delivery of read) {
          count += 1;
          if (count % EVERY === 0) later.push({ delivery, dueAtMs: nowMs + ASIDE_MS });
          else now.push(delivery);
        }
        const due = later.filter(({ dueAtMs }) => dueAtMs <= nowMs).map(({ delivery }) => delivery);
        aside.set(
          agent,
          later.filter(({ dueAtMs }) => dueAtMs > nowMs),
        );
        return [...now, ...due];
      },
      // Whoever sets something aside does not take it over either.
      takeStale: async function* () {
        // There is nothing to take.
      },
    };
  },
};
