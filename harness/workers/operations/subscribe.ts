import { randomUUID } from 'node:crypto';
import type { Call, MixEntry, Operation } from '../../load/index.ts';
import { type Identity, identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { newKey } from './register-keys.ts';
import { AgentSession, AgentSockets, type AgentSocketsOptions } from './sessions/agent-sockets.ts';
import { CONNECT_PER_SECOND } from './sessions/per-agent.ts';
import { routeOf } from './sessions/route.ts';

/** One idle connection: counts the bytes that come, and asks by a ping whether anybody is there. */
class Idle extends AgentSession {
  #bytes = 0;
  #pings = 0;

  message(data: Buffer): void {
    this.#bytes += data.length;
  }

  ask(call: Call): void {
    this.#pings += 1;
    const key = String(this.#pings);
    this.await(key, call);
    if (this.socket?.readyState === this.socket?.OPEN) this.socket?.ping(key);
    else this.closed();
  }

  override pong(data: Buffer): void {
    const key = data.toString('latin1');
    const call = this.waitingFor(key);
    if (call === undefined) return;
    this.forget(key);
    call.end('ok', this.#bytes);
    this.#bytes = 0;
  }
}

/**
 * Idle connections to the binding `events` (option `to`: or `mcp`): each agent holds one from before the load to its end. An arrival pings
 * over the one of its agent and ends with the pong, its bytes are what came since the arrival before; so connections that are only held
 * need arrivals as rare as one likes. All subscribe to one key. Options: `connectPerSecond` (1000), and those of `identityOf`.
 */
export function subscribeOperation(entry: MixEntry, context: OperationContext): Operation {
  const sockets = new AgentSockets<Idle>(socketsOf(entry, context));
  return {
    name: 'subscribe',
    open: (agents, signal) => sockets.openAll(agents, signal, context.opening),
    start: (call) => sockets.call(call, (session) => session.ask(call)),
    [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose](),
  };
}

function socketsOf(entry: MixEntry, context: OperationContext): AgentSocketsOptions<Idle> {
  const options = optionsOf(entry);
  const { client } = context;
  const identity = identityOf(entry);
  const ws = options.text('to') === 'mcp' ? client.requireBinding('mcp').ws : client.requireBinding('events').ws;
  const key = oneKey(identity, context);
  return {
    async route(agent, signal) {
      const found = ws.path.includes('${key}') ? await key(signal) : { ok: true as const, value: '' };
      if (!found.ok) return found;
      const name = identity.nameOf(agent);
      return { ok: true, value: routeOf(ws, { ...identity.constants, agent: name, op: randomUUID(), key: found.value }, context, null) };
    },
    session: () => new Idle(),
    perSecond: options.count('connectPerSecond') ?? CONNECT_PER_SECOND,
  };
}

/** One key for all; asked for again when the last attempt failed. Without a register any text is one. */
function oneKey(identity: Identity, { client }: OperationContext): (signal: AbortSignal) => ReturnType<typeof newKey> {
  let asked: ReturnType<typeof newKey> | null = null;
  return async (signal) => {
    asked ??= client.has('register') ? newKey(client, identity, 0, signal) : Promise.resolve({ ok: true, value: identity.nameOf(0) });
    const mine = asked;
    const result = await mine;
    if (!result.ok && asked === mine) asked = null;
    return result;
  };
}
