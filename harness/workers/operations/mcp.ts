import type { MixEntry, Operation } from '../../load/index.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { McpBinding } from '../../model/target.ts';
import { contains, extract, holdsIn, jsonOf } from '../../target/index.ts';
import { GIVEN, identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { AgentSession, AgentSockets } from './sessions/agent-sockets.ts';
import { CONNECT_PER_SECOND } from './sessions/per-agent.ts';
import { routeOf } from './sessions/route.ts';
import { compile, jsonPieces } from './template/compiled-text.ts';

/** JSON-RPC 2.0: what says for certain that the request was not carried out (-32700, -32600, -32601, -32602). */
const REFUSALS: ReadonlySet<unknown> = new Set([-32_700, -32_600, -32_601, -32_602]);

/** One agent's JSON-RPC connection: many calls may be under way, told apart by their ids. */
class McpAgent extends AgentSession {
  readonly #echo: McpBinding['call']['echo'];
  readonly #agent: string;
  #lastId = 0;

  constructor(agent: string, echo: McpBinding['call']['echo']) {
    super();
    this.#agent = agent;
    this.#echo = echo;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** What the answer to call `id` must bring back: nobody else's is the same. */
  canaryOf(id: number): string {
    return `${this.#agent}/${id}`;
  }

  message(data: Buffer, binary: boolean): void {
    const json = binary ? undefined : jsonOf(data.toString('utf8'));
    const id = extract('id', json);
    if (typeof id !== 'number' || extract('method', json) !== undefined) return;
    const call = this.waitingFor(id);
    if (call === undefined) return;
    this.forget(id);
    call.end(this.#judge(json, id), data.length);
  }

  #judge(json: unknown, id: number): Outcome {
    const error = extract('error', json);
    if (error !== undefined) return REFUSALS.has(extract('code', error)) ? 'rejected' : 'unknown';
    return contains(extract(this.#echo, extract('result', json)), this.canaryOf(id)) ? 'ok' : 'wrong';
  }
}

/**
 * The binding `mcp`: one WebSocket session per agent, and its call with a canary per arrival. An answer without the canary is `wrong`:
 * somebody else's, or none at all. Options: `connectPerSecond` (1000), and those of `identityOf`.
 */
export function mcpOperation(entry: MixEntry, context: OperationContext): Operation {
  const { ws, welcome, call } = context.client.requireBinding('mcp');
  const { nameOf, constants } = identityOf(entry);
  const params = compile(jsonPieces(call.params), { constants, given: [...GIVEN, 'canary'] });
  const method = JSON.stringify(call.method);
  const greeted = welcome === null ? null : (data: Buffer) => holdsIn(welcome, jsonOf(data.toString('utf8')));
  const sockets = new AgentSockets<McpAgent>({
    route: async (agent) => ({ ok: true, value: routeOf(ws, { ...constants, agent: nameOf(agent), op: nameOf(agent) }, context, greeted) }),
    session: (agent) => new McpAgent(nameOf(agent), call.echo),
    perSecond: optionsOf(entry).count('connectPerSecond') ?? CONNECT_PER_SECOND,
  });
  return {
    name: 'mcp',
    open: (agents, signal) => sockets.openAll(agents, signal, context.opening),
    start: (one) =>
      sockets.call(one, (session) => {
        const id = session.nextId();
        const agent = nameOf(one.arrival.agent);
        const filled = params.render({ agent, op: `${agent}-${id}`, canary: session.canaryOf(id) });
        session.post(`{"jsonrpc":"2.0","id":${id},"method":${method},"params":${filled}}`, id, one);
      }),
    [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose](),
  };
}
