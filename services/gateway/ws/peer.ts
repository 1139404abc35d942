import type { WebSocket } from 'ws';
import type { WsLimits } from '../config.ts';

export const CLOSE = { normal: 1000, goingAway: 1001, badId: 1003, policy: 1008, internal: 1011, full: 1013 } as const;

const CLOSE_GRACE_MS = 1000;

/** One connection: a bounded queue of what is to be sent, a heartbeat when it is silent, and a look whether anybody is there. */
export class Peer {
  readonly #socket: WebSocket;
  readonly #limits: WsLimits;
  readonly #heartbeatFrame: () => string;
  readonly #timer: NodeJS.Timeout;
  #lastSentAtMs = performance.now();
  #pingedAtMs = performance.now();
  #answered = true;

  /** @param heartbeatFrame what is sent when nothing else was for a while; each channel has its own dialect. */
  constructor(socket: WebSocket, limits: WsLimits, heartbeatFrame: () => string) {
    this.#socket = socket;
    this.#limits = limits;
    this.#heartbeatFrame = heartbeatFrame;
    this.#timer = setInterval(() => this.#check(), Math.min(limits.heartbeatMs, limits.pingMs) / 4);
    socket.on('pong', () => {
      this.#answered = true;
    });
    // Protocol violations arrive here; `ws` closes the connection with the fitting code itself.
    socket.on('error', () => this.close(CLOSE.internal, 'protocol error'));
    socket.once('close', () => clearInterval(this.#timer));
  }

  /** Sends unless the reader is so slow that the queue is full: then it is closed, because to skip a frame would be to lie. */
  send(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#limits.maxBufferedBytes) {
      this.close(CLOSE.full, 'too slow');
      return;
    }
    this.#socket.send(frame);
    this.#lastSentAtMs = performance.now();
  }

  /** Asks for the closing handshake and cuts the connection when it does not come. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => clearTimeout(cut));
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  #check(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastSentAtMs >= this.#limits.heartbeatMs) this.send(this.#heartbeatFrame());
    if (nowMs - this.#pingedAtMs < this.#limits.pingMs) return;
    if (!this.#answered) {
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    this.#pingedAtMs = nowMs;
    this.#socket.ping();
  }
}
