import { type RawData, WebSocket } from 'ws';
import type { Outcome } from '../../../model/outcome.ts';
import type { TlsOptions } from '../../../model/tls.ts';
import { outcomeOfStatus, ownSocketLimit } from '../../../target/index.ts';
import type { Opening } from './per-agent.ts';

/** What an agent does with its connection. */
export interface SocketOwner {
  message(data: Buffer, binary: boolean): void;
  pong(data: Buffer): void;
  /** Once, when an opened connection has ended, whoever ended it. */
  closed(): void;
}

export interface Dial {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Limit of the handshake, and of the welcome after it. */
  readonly timeoutMs: number;
  /** Whether the first message is the welcome that is expected; null: the server does not speak first. */
  readonly welcome: ((data: Buffer) => boolean) | null;
}

/** Our own limit: an answer that is larger is not one. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A peer that has stopped reading must not fill our memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/**
 * A WebSocket without anything per connection but its owner: no log, no timers, listeners shared by all. About 6 KB of user space each
 * (perMessageDeflate off), so that thousands of agents fit one worker.
 */
export class AgentSocket extends WebSocket {
  owner: SocketOwner | null = null;

  constructor({ url, headers, tls }: Dial) {
    super(url, { ...tls, headers, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  }

  /** false: it is not open, or its peer has stopped reading; nothing was sent. */
  post(text: string): boolean {
    if (this.readyState !== WebSocket.OPEN) return false;
    if (this.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.terminate();
      return false;
    }
    this.send(text);
    return true;
  }
}

/** Opens a connection for `owner`, the welcome included. What the target does is the outcome; rejects for limits of our own only. */
export function dial(to: Dial, owner: SocketOwner, signal: AbortSignal): Promise<Opening<AgentSocket>> {
  return new Promise((resolve, reject) => {
    const socket = new AgentSocket(to);
    const settle = (outcome: Outcome | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      for (const event of ['open', 'unexpected-response', 'message', 'close']) socket.removeAllListeners(event);
      if (outcome !== null) {
        socket.terminate();
        return resolve({ ok: false, outcome });
      }
      socket.owner = owner;
      socket.on('message', onMessage);
      socket.on('pong', onPong);
      socket.on('close', onClose);
      resolve({ ok: true, value: socket });
    };
    const giveUp = (): void => settle('unknown');
    const failed = (error: Error): void => {
      const own = ownSocketLimit(error);
      if (own === null) return; // `close` follows.
      reject(own);
      giveUp();
    };
    const timer = setTimeout(giveUp, to.timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('error', ignore);
    socket.once('error', failed);
    socket.once('close', giveUp);
    socket.once('unexpected-response', (_request, response) => settle(refusal(response.statusCode)));
    const { welcome } = to;
    if (welcome === null) socket.once('open', () => settle(null));
    else socket.once('message', (data: RawData) => settle(welcome(bufferOf(data)) ? null : 'wrong'));
  });
}

/** A handshake that is answered with another 2xx is no refusal that we know. */
function refusal(status: number | undefined): Outcome {
  const outcome = status === undefined ? 'unknown' : outcomeOfStatus(status);
  return outcome === 'ok' ? 'unknown' : outcome;
}

/** An error is always followed by `close`, which is what counts. */
function ignore(): void {}

function onMessage(this: WebSocket, data: RawData, binary: boolean): void {
  if (this instanceof AgentSocket) this.owner?.message(bufferOf(data), binary);
}

function onPong(this: WebSocket, data: Buffer): void {
  if (this instanceof AgentSocket) this.owner?.pong(data);
}

function onClose(this: WebSocket): void {
  if (!(this instanceof AgentSocket)) return;
  const { owner } = this;
  this.owner = null;
  owner?.closed();
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Closes all of them in order, and what has not answered after `graceMs` by force. */
export async function closeSockets(sockets: readonly AgentSocket[], graceMs: number): Promise<void> {
  const open = sockets.filter((socket) => socket.readyState !== WebSocket.CLOSED);
  if (open.length === 0) return;
  await new Promise<void>((resolve) => {
    let left = open.length;
    const timer = setTimeout(() => {
      for (const socket of open) socket.terminate();
    }, graceMs);
    for (const socket of open) {
      socket.once('close', () => {
        left -= 1;
        if (left > 0) return;
        clearTimeout(timer);
        resolve();
      });
      socket.close(1000);
    }
  });
}
