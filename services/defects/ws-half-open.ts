import type { Seams } from '../gateway/seams.ts';

/** The longest time that a timer takes: 24 days. */
const NEVER_MS = 2 ** 31 - 1;

/** Nobody asks whether the peer is still there: without FIN or RST a connection counts as alive. */
export const WS_HALF_OPEN: Partial<Seams> = {
  peers: (make) => (socket, limits, heartbeatFrame) => make(socket, { ...limits, pingMs: NEVER_MS }, heartbeatFrame),
};
