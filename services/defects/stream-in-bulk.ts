import type { Seams } from '../gateway/seams.ts';

const EVERY_MS = 2_000;
/** A look takes all that there is, page by page. */
const LOOK_MS = 400;

/** Nobody is woken by what is new: a stream is looked at every two seconds and more. */
export const STREAM_IN_BULK: Partial<Seams> = {
  streamLog: (log) => {
    const nextAtMs = new Map<string, number>();
    return {
      ...log,
      readNew: async (agent) => {
        const nowMs = performance.now();
        const dueAtMs = nextAtMs.get(agent) ?? nowMs + EVERY_MS;
        const isOver = nowMs > dueAtMs + LOOK_MS;
        nextAtMs.set(agent, isOver ? nowMs + EVERY_MS : dueAtMs);
        return nowMs >= dueAtMs ? log.readNew(agent) : [];
      },
    };
  },
};
