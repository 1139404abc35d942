import type { Seams } from '../gateway/seams.ts';

const POLL_MS = 2_500;

/** A new message wakes nobody: whoever looked at a stream a moment ago does not look again before his time. */
export const STREAM_POLLED: Partial<Seams> = {
  streamLog: (log) => {
    const lookedAtMs = new Map<string, number>();
    return {
      ...log,
      readNew: async (agent) => {
        const nowMs = performance.now();
        const before = lookedAtMs.get(agent);
        if (before === undefined) lookedAtMs.set(agent, nowMs);
        if (before === undefined || nowMs - before < POLL_MS) return [];
        lookedAtMs.set(agent, nowMs);
        return log.readNew(agent);
      },
    };
  },
};
