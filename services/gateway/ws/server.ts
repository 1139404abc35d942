import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws';
import type { Actor } from '../../shared/actor.ts';
import { messageOf, type Log } from '../../shared/log.ts';
import { ServiceError, STATUS_BY_CODE, type ErrorCode } from '../../shared/service-error.ts';
import type { WsLimits } from '../config.ts';
import { translateDatabaseError } from '../database/errors.ts';
import { routeChannels, type Channel, type Opened, type Route } from './channel.ts';
import type { Connections, Place, Refusal } from './connections.ts';
import { keyHeaders, mayComeFrom, secretInQuery, SUBPROTOCOLS } from './handshake.ts';
import { CLOSE, type MakePeer } from './peer.ts';

export interface WsServerDeps {
  readonly server: Server;
  readonly channels: readonly Channel[];
  readonly connections: Connections;
  readonly limits: WsLimits;
  readonly allowedOrigins: readonly string[];
  readonly makePeer: MakePeer;
  /** Who is at the other end. @throws ServiceError unauthorized or dependency_unavailable: the handshake is refused. */
  readonly authenticate: (
    header: (name: string) => string | undefined,
    from: { readonly address: string; readonly requestId: null },
  ) => Promise<Actor>;
  /** Settings of the WebSocket library. */
  readonly options: ServerOptions;
  readonly log: Log;
}

/** As small as they can be: no compression (it costs memory per connection), nothing of the library's own bookkeeping. */
export function socketOptions({ maxPayloadBytes }: WsLimits): ServerOptions {
  return {
    noServer: true,
    clientTracking: false,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false,
    autoPong: true,
    handleProtocols: (offered) => [...offered].find((protocol) => SUBPROTOCOLS.has(protocol)) ?? false,
  };
}

const VERSION = '13';

export function serveWebSockets(deps: WsServerDeps): void {
  const { server, log } = deps;
  const sockets = new WebSocketServer(deps.options);
  const route = routeChannels(deps.channels);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.info('upgrade_aborted', { error: messageOf(error) }));
    const visitor = read(request, route);
    if (typeof visitor === 'number') {
      refuseHandshake(socket, visitor);
      return;
    }
    admit(deps, visitor)
      .then((admitted) => {
        if (socket.destroyed) admitted.giveUp();
        else if ('status' in admitted) refuseHandshake(socket, admitted.status);
        else upgrade(sockets, { request, socket, head }, admitted);
      })
      .catch((error: unknown) => {
        log.error('handshake_failed', { path: visitor.route.channel.path, error: messageOf(error) });
        socket.destroy();
      });
  });
}

/** Or the status of the refusal. */
function read(request: IncomingMessage, route: (path: string) => Route | null): Visitor | number {
  const address = `http://gateway${request.url ?? '/'}`;
  if (!URL.canParse(address)) return 400;
  const { pathname, searchParams } = new URL(address);
  const found = route(pathname);
  if (found === null) return 404;
  return request.headers['sec-websocket-version'] === VERSION ? { request, query: searchParams, route: found } : 426;
}

interface Handshake {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade(sockets: WebSocketServer, { request, socket, head }: Handshake, { open, giveUp }: Open): void {
  let done = false;
  sockets.handleUpgrade(request, socket, head, (opened) => {
    done = true;
    open(opened);
  });
  // A handshake that is not valid has been answered, and no connection comes of it.
  if (!done) giveUp();
}

interface Visitor {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly route: Route;
}

interface Open {
  readonly open: (socket: WebSocket) => void;
  readonly giveUp: () => void;
}

type Admitted = Open | { readonly status: number; readonly giveUp: () => void };

const BAD_IDS: ReadonlySet<ErrorCode> = new Set(['validation_failed', 'not_found']);

const nothing = (): void => undefined;

/** Decides before the handshake is answered; what the client should learn by a close code is said after it. Never rejects. */
async function admit(deps: WsServerDeps, visitor: Visitor): Promise<Admitted> {
  const { channel } = visitor.route;
  if (!mayComeFrom(visitor.request.headers, deps.allowedOrigins)) return { status: 403, giveUp: nothing };
  const address = visitor.request.socket.remoteAddress ?? 'unknown';
  const secret = secretInQuery(visitor.query);
  const refusal = deps.connections.attempt(address) ?? (secret === null ? null : inQuery(secret));
  if (refusal !== null) return closing(deps, channel, refusal);
  try {
    return await letIn(deps, visitor, address);
  } catch (error) {
    return refused(deps, channel, error);
  }
}

function refused(deps: WsServerDeps, channel: Channel, error: unknown): Admitted {
  const known = error instanceof ServiceError ? error : translateDatabaseError(error);
  if (known === null) {
    deps.log.error('handshake_failed', { path: channel.path, error: messageOf(error) });
    return { status: 500, giveUp: nothing };
  }
  if (!BAD_IDS.has(known.code)) return { status: STATUS_BY_CODE[known.code], giveUp: nothing };
  return closing(deps, channel, { code: CLOSE.badId, reason: reasonOf(known) });
}

async function letIn(deps: WsServerDeps, { request, query, route: { channel, params } }: Visitor, address: string): Promise<Admitted> {
  const actor = await deps.authenticate(keyHeaders(request.headers, query), { address, requestId: null });
  const entering = channel.enter({ params, query, headers: request.headers, actor });
  const place = deps.connections.reserve({
    channel: channel.path,
    agent: entering.agent,
    keyId: actor.keyId,
    workspaceId: actor.workspaceId,
  });
  if ('code' in place) return closing(deps, channel, place);
  try {
    const opened = await entering.accept();
    return { open: (socket) => serve(deps, { channel, place, opened }, socket), giveUp: place.release };
  } catch (error) {
    place.release();
    throw error;
  }
}

interface Admission {
  readonly channel: Channel;
  readonly place: Place;
  readonly opened: Opened;
}

function serve({ limits, makePeer, log }: WsServerDeps, { channel, place, opened }: Admission, socket: WebSocket): void {
  const peer = makePeer(socket, limits, channel.heartbeatFrame);
  place.bind(peer);
  const handle = opened(peer);
  socket.on('message', (data, isBinary) => {
    if (!peer.isOpen()) return;
    try {
      handle(isBinary ? '' : textOf(data));
    } catch (error) {
      log.error('frame_failed', { path: channel.path, error: messageOf(error) });
      peer.close(CLOSE.internal, 'the message could not be handled');
    }
  });
}

function closing({ limits, makePeer }: WsServerDeps, { heartbeatFrame }: Channel, { code, reason }: Refusal): Open {
  return { open: (socket) => makePeer(socket, limits, heartbeatFrame).close(code, reason), giveUp: nothing };
}

function inQuery(name: string): Refusal {
  return { code: CLOSE.policy, reason: `no secret belongs into a URL, and there is "${name}"` };
}

/** At most 123 bytes fit into a close frame. */
function reasonOf({ message, details }: ServiceError): string {
  const first = Array.isArray(details) ? (details[0] as { readonly path?: string; readonly message?: string } | undefined) : undefined;
  const text = first === undefined ? message : `${first.path ?? ''}: ${first.message ?? ''}`;
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

function refuseHandshake(socket: Duplex, status: number): void {
  const headers = ['Connection: close', 'Content-Length: 0', ...(status === 426 ? [`Sec-WebSocket-Version: ${VERSION}`] : [])];
  // Node keeps such a connection open until the other side ends it too, which nobody has to do.
  socket.once('finish', () => socket.destroy());
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...headers, '', ''].join('\r\n'));
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
}
