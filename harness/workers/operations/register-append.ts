import type { Call, MixEntry, Operation } from '../../load/index.ts';
import { httpCall, outcomeOfAnswer } from './http-call.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { newKey } from './register-keys.ts';
import { CONNECT_PER_SECOND, PerAgent } from './sessions/per-agent.ts';

/** The binding `register`: appends to a key of the agent's own, made before the load. Options: `connectPerSecond` (keys), and those of `identityOf`. */
export function registerAppendOperation(entry: MixEntry, context: OperationContext): Operation {
  const { client, opening } = context;
  const binding = client.requireBinding('register');
  const identity = identityOf(entry);
  const append = httpCall(binding.append, identity, context, ['key', 'value', 'name']);
  const keys = new PerAgent<string>({
    open: (agent, signal) => newKey(client, identity, agent, signal),
    perSecond: optionsOf(entry).count('connectPerSecond') ?? CONNECT_PER_SECOND,
  });
  const to = (call: Call, key: string): void => {
    const { agent, index } = call.arrival;
    append.send(call, { key, value: `${agent}.${index}`, name: identity.nameOf(agent) }, outcomeOfAnswer);
  };
  return {
    name: 'register.append',
    open: (agents, signal) => keys.openAll(agents, signal, opening),
    start: (call) => keys.call(call, (key) => to(call, key)),
    async [Symbol.asyncDispose]() {
      keys.close();
    },
  };
}
