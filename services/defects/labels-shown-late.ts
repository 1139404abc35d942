import type { Seams } from '../gateway/seams.ts';

const KEPT_MS = 300;

/** Nothing tells the cache that a label was added. */
export const LABELS_SHOWN_LATE: Partial<Seams> = {
  labels: (labels) => {
    const kept = new Map<string, { readonly listed: readonly string[]; readonly atMs: number }>();
    return {
      ...labels,
      list: async (agent) => {
        const key = `${agent.workspaceId}/${agent.agentId}`;
        const known = kept.get(key);
        if (known !== undefined && performance.now() - known.atMs < KEPT_MS) return known.listed;
        const listed = await labels.list(agent);
        kept.set(key, { listed, atMs: performance.now() });
        return listed;
      },
    };
  },
};
