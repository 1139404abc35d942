import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Listen } from './env.ts';
import type { App } from './http-app.ts';

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  /** Answers as before, but asks each client to open no further request on its connection. */
  drain(): void;
  /** Takes no new connection, lets requests in flight finish for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

export interface ServeOptions {
  /** For the whole request to arrive; after it the answer is 408 and the connection is closed. */
  readonly requestTimeoutMs?: number;
  /** A connection on which nothing moves for so long, while an answer is owed, is cut: whoever does not read must not keep it. */
  readonly silenceTimeoutMs?: number;
}

/** Longer than any client keeps an idle connection, so that the client is the one to close it. */
const KEEP_ALIVE_MS = 65_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than any answer takes. */
const SILENCE_TIMEOUT_MS = 30_000;
/** Requests that one connection may send without waiting for the answers, which are kept until it reads them. */
const MAX_PIPELINED = 100;

/** Resolves when the port is bound. Rejects when it cannot be (EADDRINUSE …). */
export async function listen(
  app: App,
  { host, port }: Listen,
  { requestTimeoutMs = REQUEST_TIMEOUT_MS, silenceTimeoutMs = SILENCE_TIMEOUT_MS }: ServeOptions = {},
): Promise<HttpServer> {
  const open = new OpenAnswers();
  const answer = getRequestListener(app.fetch);
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Node looks for requests that are late only this often; its default is half a minute.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  };
  const server = createServer(options, (request, response) => {
    if (open.add(request.socket, response)) void answer(request, response);
    else request.socket.destroy();
  });
  server.timeout = silenceTimeoutMs;
  server.listen({ host, port, backlog: 1024 });
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    drain: () => open.drain(),
    close: (graceMs) => close(server, graceMs),
  };
}

/** Answers that are owed, by connection. */
class OpenAnswers {
  readonly #bySocket = new Map<Socket, Set<ServerResponse>>();
  #draining = false;

  /** @returns false when the connection is owed too many already. */
  add(socket: Socket, response: ServerResponse): boolean {
    const owed = this.#owedTo(socket);
    if (socket.destroyed || owed.size >= MAX_PIPELINED) return false;
    owed.add(response);
    response.once('close', () => owed.delete(response));
    if (this.#draining) response.shouldKeepAlive = false;
    return true;
  }

  /** Makes every connection end with the answer that comes next on it. */
  drain(): void {
    this.#draining = true;
    for (const owed of this.#bySocket.values()) {
      for (const response of owed) if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }

  #owedTo(socket: Socket): Set<ServerResponse> {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const owed = new Set<ServerResponse>();
    this.#bySocket.set(socket, owed);
    // An answer that waits for its turn on a connection that is gone says nothing of it.
    socket.once('close', () => this.#bySocket.delete(socket));
    return owed;
  }
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}
