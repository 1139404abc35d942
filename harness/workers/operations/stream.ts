import type { MixEntry, Operation } from '../../load/index.ts';
import type { StreamBinding } from '../../model/target.ts';
import { httpCall, outcomeOfAnswer } from './http-call.ts';
import { GIVEN, identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { redisDoor } from './stores/redis-door.ts';
import { storeUrl } from './stores/store-url.ts';
import { compile, textPieces } from './template/compiled-text.ts';

/**
 * The binding `stream`: adds a message for the arrival's agent, over HTTP, or with the option `redis` by XADD into the bound key itself
 * (its one field is `field`, "value"). Further options: `service` (the Redis), and those of `identityOf`.
 */
export function streamOperation(entry: MixEntry, context: OperationContext): Operation {
  const binding = context.client.requireBinding('stream');
  return optionsOf(entry).flag('redis') === true ? overRedis(entry, binding, context) : overHttp(entry, binding, context);
}

function overHttp(entry: MixEntry, binding: StreamBinding, context: OperationContext): Operation {
  const add = httpCall(binding.add, identityOf(entry), context, ['value']);
  return {
    name: 'stream',
    start: (call) => add.send(call, { value: valueOf(call.arrival) }, outcomeOfAnswer),
    async [Symbol.asyncDispose]() {},
  };
}

function overRedis(entry: MixEntry, binding: StreamBinding, context: OperationContext): Operation {
  const { nameOf, constants } = identityOf(entry);
  const key = compile(
    textPieces(binding.key, (value) => value),
    { constants, given: GIVEN },
  );
  const field = optionsOf(entry).text('field') ?? 'value';
  const door = redisDoor(storeUrl(entry, 'redis', context), context.timeoutMs);
  return {
    name: 'stream',
    open: (_agents, signal) => door.connect(signal),
    start(call) {
      const agent = nameOf(call.arrival.agent);
      const value = valueOf(call.arrival);
      door.command(call, 'XADD', [key.render({ agent, op: `${agent}-${value}` }), '*', field, value]);
    },
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]();
    },
  };
}

function valueOf({ agent, index }: { readonly agent: number; readonly index: number }): string {
  return `${agent}.${index}`;
}
