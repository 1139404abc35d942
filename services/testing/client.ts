import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import type { Gateway } from './stack.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `POST /path`: one request, answered within 30 s. */
export async function send(gateway: Pick<Gateway, 'url'>, line: string, { body, headers = {} }: SendOptions = {}): Promise<Answer> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

export interface TestAgent {
  readonly id: string;
  readonly workspace: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An agent in a workspace of its own. */
export async function createAgent(gateway: Gateway, workspace: string = randomUUID()): Promise<TestAgent> {
  const headers = { 'x-workspace-id': workspace };
  const { status, body } = await send(gateway, 'POST /api/v1/agents', { headers, body: { definition_slug: 'assistant' } });
  if (status !== 201) throw new Error(`no agent was made: ${status} ${JSON.stringify(body)}`);
  return { id: String(body['id']), workspace, headers };
}

export function append(gateway: Gateway, agent: TestAgent, value: string, key?: string): Promise<Answer> {
  const headers = { ...agent.headers, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  return send(gateway, `POST /api/v1/agents/${agent.id}/messages`, { headers, body: { direction: 'inbound', payload: { value } } });
}

/** Values of all messages of an agent, oldest first. */
export async function transcript(gateway: Gateway, agent: TestAgent): Promise<readonly unknown[]> {
  const { body } = await send(gateway, `GET /api/v1/agents/${agent.id}/transcript`, { headers: agent.headers });
  return (body['items'] as readonly { readonly payload: Json }[]).map(({ payload }) => payload['value']);
}

export interface TestSocket {
  /** Every frame so far, parsed. */
  readonly frames: Json[];
  readonly socket: WebSocket;
  readonly send: (frame: unknown) => void;
  /** Code of the close that came or comes. */
  closed(): Promise<number>;
}

export async function openSocket(
  gateway: Pick<Gateway, 'wsUrl'>,
  path: string,
  options: ClientOptions & { readonly protocols?: readonly string[] } = {},
): Promise<TestSocket> {
  const socket = new WebSocket(`${gateway.wsUrl}${path}`, [...(options.protocols ?? [])], options);
  const frames: Json[] = [];
  const closing = once(socket, 'close') as Promise<[number]>;
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as Json));
  await once(socket, 'open');
  return {
    frames,
    socket,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    closed: async () => (await closing)[0],
  };
}
