import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const TOKEN_PROTOCOL = 'bearer.';
/** Names under which clients put a secret into a URL, from where it goes into logs. */
const SECRETS = ['token', 'access_token', 'api_key', 'apikey', 'x-api-key', 'authorization', 'key'];

/** What a client that offers subprotocols is answered with; never the one that holds its token. */
export const SUBPROTOCOLS: ReadonlySet<string> = new Set(['muster-1', 'mcp']);

/**
 * Browsers let any page open a WebSocket to any host, and say with `Origin` which page it was. Clients that are no browser send none.
 * @param allowed further origins, as browsers write them: `https://dashboard.example`.
 */
export function mayComeFrom({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return LOOPBACK.has(page.hostname) || page.host === host;
}

export function secretInQuery(query: URLSearchParams): string | null {
  return SECRETS.find((name) => query.has(name)) ?? null;
}

/**
 * Headers of the handshake for whoever checks keys. Browsers cannot set `Authorization` on a WebSocket; they may offer the
 * subprotocol `bearer.<key>` beside one that the server knows, and name the workspace in the query.
 */
export function keyHeaders(headers: IncomingHttpHeaders, query: URLSearchParams): (name: string) => string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
  const token = offered.find((text) => text.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
  return (name) => {
    const value = (name === 'x-workspace-id' ? query.get('workspace_id') : null) ?? headers[name];
    if (name === 'authorization' && value === undefined && token !== undefined) return `Bearer ${token}`;
    return Array.isArray(value) ? value[0] : value;
  };
}
