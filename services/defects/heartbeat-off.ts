import type { Seams } from '../gateway/seams.ts';

/** The longest time that a timer takes: 24 days. */
const NEVER_MS = 2 ** 31 - 1;

/** A silent connection stays silent. */
export const HEARTBEAT_OFF: Partial<Seams> = {
  peers: (make) => (socket, limits, heartbeatFrame) => make(socket, { ...limits, heartbeatMs: NEVER_MS }, heartbeatFrame),
};
