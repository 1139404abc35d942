import type { Peer } from '../gateway/ws/peer.ts';
import type { Seams } from '../gateway/seams.ts';

/** Only who says goodbye, or is told to, is taken out of the books; a connection that breaks stays in them. */
export const WS_LEAK: Partial<Seams> = {
  connections: (connections) => ({
    ...connections,
    reserve: (session) => {
      const place = connections.reserve(session);
      return 'code' in place ? place : { ...place, bind: (peer) => place.bind(forgetful(peer)) };
    },
  }),
};

function forgetful(peer: Peer): Peer {
  return {
    ...peer,
    onClose: (listener) => {
      peer.onClose((code) => {
        if (ORDERLY.has(code)) listener(code);
      });
    },
  };
}

const ORDERLY = new Set([1000, 1001]);
