import type { WebSocket } from 'ws';
import type { WsLimits } from '../config.ts';

export const CLOSE = { normal: 1000, goingAway: 1001, badId: 1003, policy: 1008, internal: 1011, full: 1013 } as const;

/** For the answer to a closing handshake; a slow reader gets longer, so that it can learn why. */
const CLOSE_GRACE_MS = 1000;
const SLOW_GRACE_MS = 5000;

/** One connection: a bounded queue of what is to be sent, a heartbeat when it is silent, and a look whether anybody is there. */
export interface Peer {
  /** Sends unless the reader is so slow that the queue is full: then it is closed, because to skip a frame would be to lie. */
  send(frame: string): void;
  /** Resolves when the queue has room again, or the connection has ended: for whoever has much to send at once. */
  readonly drained: () => Promise<void>;
  isOpen(): boolean;
  /** Asks for the closing handshake and cuts the connection when it does not come. */
  close(code: number, reason: string): void;
  onClose(listener: (code: number) => void): void;
}

export type PeerLimits = Pick<WsLimits, 'maxBufferedBytes' | 'heartbeatMs' | 'pingMs'>;

/** @param heartbeatFrame what is sent when nothing else was for a while. */
export type MakePeer = (socket: WebSocket, limits: PeerLimits, heartbeatFrame: () => string) => Peer;

export const createPeer: MakePeer = (socket, limits, heartbeatFrame) => {
  const close = (code: number, reason: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(code, reason);
    cutAfter(socket, code === CLOSE.full ? SLOW_GRACE_MS : CLOSE_GRACE_MS);
  };
  const room = createRoom(() => socket.readyState !== socket.OPEN || socket.bufferedAmount <= limits.maxBufferedBytes / 2);
  const send = (frame: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > limits.maxBufferedBytes) {
      close(CLOSE.full, 'too slow');
      return;
    }
    socket.send(frame, room.look);
    silence.refresh();
  };
  const silence = setInterval(() => send(heartbeatFrame()), limits.heartbeatMs);
  const ping = watch(socket, limits.pingMs);
  // Protocol violations arrive here; `ws` has then asked for the close with the fitting code itself.
  socket.on('error', () => cutAfter(socket, CLOSE_GRACE_MS));
  socket.once('close', () => {
    clearInterval(silence);
    clearInterval(ping);
    room.look();
  });
  return {
    send,
    close,
    drained: room.wait,
    isOpen: () => socket.readyState === socket.OPEN,
    onClose: (listener) => void socket.once('close', listener),
  };
};

interface Room {
  /** Resolves when there is room. */
  readonly wait: () => Promise<void>;
  /** To be called whenever there may be room again. */
  readonly look: () => void;
}

function createRoom(isFree: () => boolean): Room {
  const waiting = new Set<() => void>();
  return {
    wait: () => (isFree() ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    look: () => {
      if (waiting.size === 0 || !isFree()) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}

/** Pings once a period; whoever has not answered by the next ping is gone. */
function watch(socket: WebSocket, pingMs: number): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(() => {
    if (answered) socket.ping();
    else socket.terminate();
    answered = false;
  }, pingMs);
}

function cutAfter(socket: WebSocket, ms: number): void {
  if (socket.readyState === socket.CLOSED) return;
  const cut = setTimeout(() => socket.terminate(), ms);
  socket.once('close', () => clearTimeout(cut));
}
