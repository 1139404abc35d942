import type { Seams } from '../gateway/seams.ts';
import type { RpcId } from '../gateway/ws/json-rpc.ts';
import type { Peer } from '../gateway/ws/peer.ts';

/** One table of pending requests for all connections, by request id. */
export const WS_CROSSTALK: Partial<Seams> = {
  replies: () => {
    const askedLast = new Map<RpcId, Peer>();
    return (peer, id) => {
      askedLast.set(id, peer);
      return (frame) => (askedLast.get(id) ?? peer).send(frame);
    };
  },
};
