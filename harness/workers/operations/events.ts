import { randomUUID } from 'node:crypto';
import type { Call, MixEntry, Operation } from '../../load/index.ts';
import type { EventsBinding } from '../../model/bindings/operation.ts';
import { jsonOf, textIn } from '../../target/index.ts';
import { type HttpCall, httpCall, outcomeOfAnswer } from './http-call.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { newKey } from './register-keys.ts';
import { AgentSession, AgentSockets } from './sessions/agent-sockets.ts';
import { CONNECT_PER_SECOND } from './sessions/per-agent.ts';
import { routeOf } from './sessions/route.ts';

/** One agent's subscription to its own key. */
class Subscriber extends AgentSession {
  key = '';
  readonly #binding: EventsBinding;

  constructor(binding: EventsBinding) {
    super();
    this.#binding = binding;
  }

  message(data: Buffer, binary: boolean): void {
    const json = binary ? undefined : jsonOf(data.toString('utf8'));
    const { type, appended, key, value } = this.#binding;
    if (textIn(type, json) !== appended || textIn(key, json) !== this.key) return;
    const written = textIn(value, json);
    const call = written === null ? undefined : this.waitingFor(written);
    if (written === null || call === undefined) return;
    this.forget(written);
    call.end('ok', data.length);
  }
}

/**
 * The bindings `events` and `register`, end to end: each agent subscribes to a key of its own; an arrival appends to it and ends when the
 * event with its value comes. An append that fails ends it with that outcome. Options: `connectPerSecond` (1000), and those of `identityOf`.
 */
export function eventsOperation(entry: MixEntry, context: OperationContext): Operation {
  const { client, opening } = context;
  const events = client.requireBinding('events');
  const identity = identityOf(entry);
  const append = httpCall(client.requireBinding('register').append, identity, context, ['key', 'value', 'name']);
  const keys = new Map<number, string>();
  const sockets = new AgentSockets<Subscriber>({
    async route(agent, signal) {
      const known = keys.get(agent);
      const key = known === undefined ? await newKey(client, identity, agent, signal) : { ok: true as const, value: known };
      if (!key.ok) return key;
      keys.set(agent, key.value);
      const name = identity.nameOf(agent);
      return { ok: true, value: routeOf(events.ws, { ...identity.constants, agent: name, op: name, key: key.value }, context, null) };
    },
    session: () => new Subscriber(events),
    perSecond: optionsOf(entry).count('connectPerSecond') ?? CONNECT_PER_SECOND,
  });
  return {
    name: 'events',
    open: (agents, signal) => sockets.openAll(agents, signal, opening),
    start: (call) =>
      sockets.call(call, (session) => {
        session.key = keys.get(call.arrival.agent) ?? '';
        appendAndAwait({ session, append, name: identity.nameOf(call.arrival.agent) }, call);
      }),
    [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose](),
  };
}

interface Subscribed {
  readonly session: Subscriber;
  readonly append: HttpCall;
  readonly name: string;
}

/** The event may come before the answer to the append. */
function appendAndAwait({ session, append, name }: Subscribed, call: Call): void {
  const value = randomUUID();
  session.await(value, call);
  append.ask(call, { key: session.key, value, name }, (answer) => {
    const outcome = outcomeOfAnswer(answer);
    if (outcome === 'ok' || session.waitingFor(value) === undefined) {
      call.cancel = () => session.forget(value);
      return;
    }
    session.forget(value);
    call.end(outcome, answer.bytes);
  });
  const giveUpRequest = call.cancel;
  call.cancel = () => {
    session.forget(value);
    giveUpRequest?.();
  };
}
