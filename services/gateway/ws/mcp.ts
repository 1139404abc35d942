import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { messageOf, type Log } from '../../shared/log.ts';
import { parseInput } from '../../shared/read-input.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { WsLimits } from '../config.ts';
import { errorFrame, readFrame, resultFrame, RPC_CODE, RpcError, type RpcId } from './json-rpc.ts';
import type { Peer } from './peer.ts';
import { RateLimit } from './rate.ts';
import { toRpcError } from './rpc-errors.ts';
import type { Channel } from './server.ts';
import type { Tools } from './tools.ts';

export interface McpDeps {
  readonly tools: Tools;
  readonly replies: ReplyRouter;
  readonly limits: WsLimits;
  readonly version: string;
  readonly log: Log;
}

/** Where the answer to a request goes: to be called when the request arrives, used when the answer is there. */
export type ReplyRouter = (peer: Peer, id: RpcId) => (frame: string) => void;

/** Every answer goes to the connection that asked. */
export const replyToSender: ReplyRouter = (peer) => (frame) => peer.send(frame);

const MAX_IN_FLIGHT = 32;
const AGENT_ID = /^[\w.:-]{1,64}$/;
const PROTOCOLS = ['2025-06-18', '2025-03-26', '2024-11-05'] as const;

const initializeParams = z.object({ protocolVersion: z.string().optional() });
const callParams = z.object({ name: z.string().min(1), arguments: z.record(z.string(), z.unknown()).default({}) });

interface Session {
  readonly id: string;
  readonly agent: string;
  readonly peer: Peer;
  inFlight: number;
}

type Method = (params: unknown, session: Session) => Promise<unknown>;

/** `/ws/mcp?agent_id`: JSON-RPC 2.0, several requests at once per connection, answered in the order in which they finish. */
export function mcpChannel(deps: McpDeps): Channel {
  const methods = createMethods(deps);
  return {
    path: '/ws/mcp',
    heartbeatFrame: () => JSON.stringify({ jsonrpc: '2.0', method: 'heartbeat', params: { timestamp: new Date().toISOString() } }),
    agentOf: readAgent,
    accept: async (query) => {
      const agent = readAgent(query);
      return (peer) => {
        const session: Session = { id: randomUUID(), agent, peer, inFlight: 0 };
        peer.send(welcomeFrame(session, deps));
        const rate = new RateLimit(deps.limits.messagesPerSecond, 1000);
        return (text) => handleFrame(deps, methods, session, { text, withinRate: rate.take('') });
      };
    },
  };
}

function readAgent(query: URLSearchParams): string {
  const agent = query.get('agent_id') ?? '';
  if (!AGENT_ID.test(agent)) throw new ServiceError('validation_failed', 'agent_id must be 1 to 64 letters, digits, _ . : -');
  return agent;
}

function welcomeFrame({ id, agent }: Session, { limits, version }: McpDeps): string {
  const params = {
    session_id: id,
    agent_id: agent,
    server_version: version,
    protocol: 'muster-1',
    limits: { max_payload_bytes: limits.maxPayloadBytes, messages_per_second: limits.messagesPerSecond, in_flight: MAX_IN_FLIGHT },
  };
  return JSON.stringify({ jsonrpc: '2.0', method: 'welcome', params });
}

interface Frame {
  readonly text: string;
  readonly withinRate: boolean;
}

function handleFrame(deps: McpDeps, methods: ReadonlyMap<string, Method>, session: Session, { text, withinRate }: Frame): void {
  const read = readFrame(text);
  if (read.kind === 'invalid') session.peer.send(errorFrame(read.id, read.error));
  if (read.kind !== 'request') return;
  const reply = deps.replies(session.peer, read.id);
  const refusal = withinRate && session.inFlight < MAX_IN_FLIGHT ? null : new RpcError(RPC_CODE.rate, 'too many requests at once');
  const method = methods.get(read.method);
  if (refusal !== null) reply(errorFrame(read.id, refusal));
  else if (method === undefined)
    reply(errorFrame(read.id, new RpcError(RPC_CODE.methodNotFound, `no method "${read.method.slice(0, 64)}"`)));
  else void answer(deps, session, { id: read.id, reply, work: () => method(read.params, session) });
}

interface Call {
  readonly id: RpcId;
  readonly reply: (frame: string) => void;
  readonly work: () => Promise<unknown>;
}

/** Never rejects: what goes wrong is the answer. */
async function answer({ log }: McpDeps, session: Session, { id, reply, work }: Call): Promise<void> {
  session.inFlight++;
  try {
    reply(resultFrame(id, await work()));
  } catch (error) {
    const rpcError = toRpcError(error);
    if (rpcError.code === RPC_CODE.internal) log.error('rpc_failed', { session: session.id, error: messageOf(error) });
    reply(errorFrame(id, rpcError));
  } finally {
    session.inFlight--;
  }
}

function createMethods({ tools, version }: McpDeps): ReadonlyMap<string, Method> {
  const methods: Readonly<Record<string, Method>> = {
    initialize: async (params) => {
      const { protocolVersion } = parseInput(initializeParams, params ?? {});
      const spoken = PROTOCOLS.find((known) => known === protocolVersion) ?? PROTOCOLS[0];
      return { protocolVersion: spoken, capabilities: { tools: {} }, serverInfo: { name: 'gateway', version } };
    },
    ping: async () => ({}),
    'tools/list': async () => ({ tools: await tools.list() }),
    'tools/call': async (params, { agent }) => {
      const { name, arguments: args } = parseInput(callParams, params ?? {});
      const result = await tools.call(name, args, agent);
      return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result, isError: false };
    },
    'agent/info': async (_, { id, agent, inFlight }) => ({ agent_id: agent, session_id: id, in_flight: inFlight }),
    execute_pattern: (params, { agent }) => tools.call('execute_pattern', params ?? {}, agent),
    'memory/store': (params, { agent }) => tools.call('store_memory', params ?? {}, agent),
    'memory/search': (params, { agent }) => tools.call('search_memories', params ?? {}, agent),
  };
  return new Map(Object.entries(methods));
}
