import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Bindings, HttpTemplate, Target } from '../../model/target.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Loopback extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Connections, and of those over TLS the handshakes that ended well. */
  readonly accepted: { connections: number; handshakes: number };
}

export interface LoopbackHandlers {
  readonly http?: (request: SeenRequest, response: ServerResponse) => void;
  /** Called for every WebSocket; without it upgrades are answered with 403. */
  readonly ws?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Certificate and key: it speaks TLS. */
  readonly tls?: ServerOptions;
}

/** A small server on a free loopback port, with handlers that may misbehave as they like. */
export async function startLoopback({ http, ws, tls }: LoopbackHandlers): Promise<Loopback> {
  const seen: SeenRequest[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      seen.push(one);
      http?.(one, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (ws === undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => ws(opened, request));
  });
  const accepted = { connections: 0, handshakes: 0 };
  server.on('connection', () => (accepted.connections += 1)).on('secureConnection', () => (accepted.handshakes += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    accepted,
    [Symbol.asyncDispose]: () => stop(server, sockets),
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A request template for the service `api`. */
export function template(line: string, body: HttpTemplate['body'] = null, headers: HttpTemplate['headers'] = {}): HttpTemplate {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, service: 'api', body, headers };
}

/** A target with nothing but these bindings. */
export function targetWith(bindings: Bindings): Target {
  return {
    name: 'loopback',
    subject: { version: null, commit: null },
    services: [],
    compose: null,
    bindings,
    stores: { tables: [], migrations: null },
    workload: { agents: 1, ratePerSecond: 1, distinctTexts: 1, mix: null, soakMs: 600_000 },
    claims: [],
  };
}

function stop(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.terminate();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
