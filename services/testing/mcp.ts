import type { Gateway } from './stack.ts';

export interface McpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type HeadersOf = Readonly<Record<string, string>>;

/** One POST to `/mcp` as a client sends it; `headers` go before the usual ones. */
export async function postMcp(gateway: Pick<Gateway, 'url'>, body: unknown, headers: HeadersOf = {}): Promise<McpAnswer> {
  const response = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const LEGACY = '2025-11-25';

export function initialization(protocolVersion: string = LEGACY): unknown {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  return { jsonrpc: '2.0', id: 'init', method: 'initialize', params };
}

/** Opens a session. @returns the headers of every request in it. */
export async function initializeMcp(gateway: Pick<Gateway, 'url'>, headers: HeadersOf = {}, version: string = LEGACY): Promise<HeadersOf> {
  const answer = await postMcp(gateway, initialization(version), headers);
  const id = answer.headers.get('mcp-session-id');
  if (answer.status !== 200 || id === null) throw new Error(`no session was opened: ${answer.status} ${answer.text}`);
  const session = { ...headers, 'mcp-session-id': id, 'mcp-protocol-version': version };
  await postMcp(gateway, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  return session;
}
