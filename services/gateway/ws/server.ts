import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { messageOf, type Log } from '../../shared/log.ts';
import { ServiceError, STATUS_BY_CODE } from '../../shared/service-error.ts';
import type { WsLimits } from '../config.ts';
import { translateDatabaseError } from '../database/errors.ts';
import type { Connections } from './connections.ts';
import { CLOSE, Peer } from './peer.ts';

export type FrameHandler = (text: string) => void;
/** Called when the connection is open; returns what takes its frames. */
export type Opened = (peer: Peer) => FrameHandler;

export interface Channel {
  readonly path: string;
  readonly heartbeatFrame: () => string;
  /** Whom the connection counts for, or null. */
  agentOf(query: URLSearchParams): string | null;
  /** Before the handshake. @throws ServiceError validation_failed (the connection is closed with 1003) or another (the handshake is refused). */
  accept(query: URLSearchParams): Promise<Opened>;
}

export interface WsServerDeps {
  readonly server: Server;
  readonly channels: readonly Channel[];
  readonly connections: Connections;
  readonly limits: WsLimits;
  readonly log: Log;
}

export function serveWebSockets({ server, channels, connections, limits, log }: WsServerDeps): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.maxPayloadBytes, perMessageDeflate: false });
  const byPath = new Map(channels.map((channel) => [channel.path, channel]));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.info('upgrade_aborted', { error: messageOf(error) }));
    const url = new URL(request.url ?? '/', 'http://gateway');
    const channel = byPath.get(url.pathname);
    if (channel === undefined) {
      refuseHandshake(socket, 404);
      return;
    }
    const upgrade = (then: (socket: WebSocket) => void): void => sockets.handleUpgrade(request, socket, head, then);
    const address = request.socket.remoteAddress ?? 'unknown';
    void admit(channel, url.searchParams, { connections, limits, address }).then((opened) => {
      if (socket.destroyed) return;
      if ('status' in opened) refuseHandshake(socket, opened.status);
      else upgrade(opened.open);
    });
  });
}

interface Admission {
  readonly connections: Connections;
  readonly limits: WsLimits;
  readonly address: string;
}

type Admitted = { readonly open: (socket: WebSocket) => void } | { readonly status: number };

/** Decides before the handshake is answered; what the client should learn by a close code is said after it. Never rejects. */
async function admit(channel: Channel, query: URLSearchParams, { connections, limits, address }: Admission): Promise<Admitted> {
  try {
    const agent = channel.agentOf(query);
    const refusal = connections.refusal(address, agent);
    if (refusal !== null) return { open: (socket) => new Peer(socket, limits, channel.heartbeatFrame).close(refusal.code, refusal.reason) };
    const opened = await channel.accept(query);
    return {
      open: (socket) => {
        const peer = new Peer(socket, limits, channel.heartbeatFrame);
        connections.add(peer, agent);
        const handle = opened(peer);
        socket.on('message', (data, isBinary) => handle(isBinary ? '' : textOf(data)));
      },
    };
  } catch (error) {
    const known = error instanceof ServiceError ? error : translateDatabaseError(error);
    if (known?.code === 'validation_failed')
      return { open: (socket) => new Peer(socket, limits, channel.heartbeatFrame).close(CLOSE.badId, known.message.slice(0, 100)) };
    return { status: known === null ? 500 : STATUS_BY_CODE[known.code] };
  }
}

function refuseHandshake(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
}
