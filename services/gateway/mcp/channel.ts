import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { messageOf, type Log } from '../../shared/log.ts';
import { inRequestScope } from '../../shared/request-scope.ts';
import type { WsLimits } from '../config.ts';
import { uuid } from '../schemas.ts';
import { channel, workspaceOfEntry, type Channel } from '../ws/channel.ts';
import { RateLimit } from '../ws/rate.ts';
import {
  AGENT_ID,
  answerFrame,
  MAX_IN_FLIGHT,
  notificationFrame,
  readFrame,
  RPC_CODE,
  RpcError,
  type RpcId,
  type RpcRead,
} from './json-rpc.ts';
import { RECEIVES, SENDS } from './messages.ts';
import { createMethods, type Method, type MethodDeps } from './methods.ts';
import type { ReplyRouter } from './replies.ts';
import { toRpcError } from './rpc-errors.ts';
import { Cancelled, Session } from './session.ts';
import type { Welcome } from './welcome.ts';

export interface McpChannelDeps extends MethodDeps {
  readonly replies: ReplyRouter;
  readonly welcome: Welcome;
  readonly limits: WsLimits;
  readonly log: Log;
}

const cancelledParams = z.object({ requestId: z.union([z.string(), z.number()]) });

const query = z.object({ agent_id: z.string().regex(AGENT_ID, 'must be 1 to 64 letters, digits, _ . : -'), workspace_id: uuid.optional() });

/** JSON-RPC 2.0, several requests at once per connection, answered in the order in which they finish. */
export function mcpChannel(deps: McpChannelDeps): Channel {
  const methods = createMethods(deps);
  return channel({
    path: '/ws/mcp',
    summary: 'JSON-RPC 2.0 for agents: tools, resources, memories, tasks, workflows and the events of the connection',
    query,
    sends: SENDS,
    receives: RECEIVES,
    heartbeatFrame: () => notificationFrame('heartbeat', { timestamp: new Date().toISOString() }),
    agentOf: (entry) => entry.query.agent_id,
    accept: async (entry) => {
      const id = randomUUID();
      const caller = { sessionId: id, agent: entry.query.agent_id, workspaceId: workspaceOfEntry(entry), actor: entry.actor };
      return (peer) => {
        const session = new Session(id, caller, peer);
        for (const frame of deps.welcome(session)) peer.send(frame);
        const rate = new RateLimit(deps.limits.messagesPerSecond, 1000);
        return (text) => handleFrame(deps, methods, session, { read: readFrame(text), withinRate: rate.take('') });
      };
    },
  });
}

interface Frame {
  readonly read: RpcRead;
  readonly withinRate: boolean;
}

function handleFrame(deps: McpChannelDeps, methods: ReadonlyMap<string, Method>, session: Session, { read, withinRate }: Frame): void {
  if (read.kind === 'invalid') session.peer.send(answerFrame(read.id, { error: read.error }));
  if (read.kind === 'notification' && read.method === 'notifications/cancelled') cancel(session, read.params);
  if (read.kind !== 'request') return;
  const reply = deps.replies(session.peer, read.id);
  const method = methods.get(read.method);
  if (!withinRate || session.inFlight >= MAX_IN_FLIGHT)
    reply({ error: new RpcError(RPC_CODE.rate, withinRate ? `at most ${MAX_IN_FLIGHT} requests at once` : 'too many requests a second') });
  else if (method === undefined) reply({ error: new RpcError(RPC_CODE.methodNotFound, `no method "${read.method.slice(0, 64)}"`) });
  else void answer(deps, session, { id: read.id, reply, work: () => method(read.params, session) });
}

function cancel(session: Session, params: unknown): void {
  const read = cancelledParams.safeParse(params);
  if (read.success) session.cancel(read.data.requestId);
}

interface Call {
  readonly id: RpcId;
  readonly reply: ReturnType<ReplyRouter>;
  readonly work: () => Promise<unknown>;
}

/** Never rejects: what goes wrong is the answer. */
async function answer({ log }: McpChannelDeps, session: Session, { id, reply, work }: Call): Promise<void> {
  try {
    const scope = { requestId: randomUUID(), actor: session.caller.actor };
    const result = await session.run(id, () => inRequestScope(scope, work));
    reply({ result });
  } catch (error) {
    if (error instanceof Cancelled) return;
    const rpcError = toRpcError(error);
    if (rpcError.code === RPC_CODE.internal) log.error('rpc_failed', { session: session.id, error: messageOf(error) });
    reply({ error: rpcError });
  }
}
