import type { Seams } from '../gateway/seams.ts';

/** What a slow reader has not taken waits in memory, however much it is. */
export const WS_UNBOUNDED_QUEUE: Partial<Seams> = {
  peers: (make) => (socket, limits, heartbeatFrame) =>
    make(socket, { ...limits, maxBufferedBytes: Number.POSITIVE_INFINITY }, heartbeatFrame),
};
