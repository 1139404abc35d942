import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
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
}

/** Longer than any client keeps an idle connection, so that the client is the one to close it. */
const KEEP_ALIVE_MS = 65_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Resolves when the port is bound. Rejects when it cannot be (EADDRINUSE …). */
export async function listen(
  app: App,
  { host, port }: Listen,
  { requestTimeoutMs = REQUEST_TIMEOUT_MS }: ServeOptions = {},
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Node looks for requests that are late only this often; its default is half a minute.
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
    },
  }) as Server;
  const drain = drainable(server);
  server.listen({ host, port, backlog: 1024 });
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    drain,
    close: (graceMs) => close(server, graceMs),
  };
}

/** @returns makes every connection end with the answer that comes next on it. */
function drainable(server: Server): () => void {
  const open = new Set<ServerResponse>();
  let draining = false;
  server.prependListener('request', (_request, response) => {
    if (draining) response.shouldKeepAlive = false;
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return () => {
    draining = true;
    for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
  };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}
