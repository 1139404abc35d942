import type { Peer } from '../gateway/ws/peer.ts';

export interface FakePeer {
  readonly peer: Peer;
  readonly sent: string[];
  /** Codes of the closes that were asked for. */
  readonly closed: number[];
}

/** A connection without a network. It takes everything, and closes as soon as it is asked to. */
export function fakePeer(): FakePeer {
  const sent: string[] = [];
  const closed: number[] = [];
  const listeners: ((code: number) => void)[] = [];
  const peer: Peer = {
    send: (frame) => void sent.push(frame),
    drained: () => Promise.resolve(),
    isOpen: () => closed.length === 0,
    close: (code) => {
      closed.push(code);
      for (const listener of listeners.splice(0)) listener(code);
    },
    onClose: (listener) => void listeners.push(listener),
  };
  return { peer, sent, closed };
}
