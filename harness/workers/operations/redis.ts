import type { MixEntry, Operation } from '../../load/index.ts';
import { MusterError } from '../../model/errors.ts';
import { GIVEN, identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf, textOf } from './options.ts';
import { redisDoor } from './stores/redis-door.ts';
import { storeUrl } from './stores/store-url.ts';
import { compile, textPieces } from './template/compiled-text.ts';

/**
 * One Redis command, past the target. Options: `command` (a list; `${agent}` and `${value}`, a number of its own per arrival, are filled
 * in), `service`, `name` (for the report), and those of `identityOf`.
 * @throws MusterError MUSTER_LOAD_OPTIONS without a command.
 */
export function redisOperation(entry: MixEntry, context: OperationContext): Operation {
  const { nameOf, constants } = identityOf(entry);
  const options = optionsOf(entry);
  const words = (options.list('command') ?? []).map((word) =>
    compile(
      textPieces(textOf(word), (value) => value),
      { constants, given: [...GIVEN, 'value'] },
    ),
  );
  const [name, ...args] = words;
  if (name === undefined)
    throw new MusterError('The load operation "redis" has no `command`.', {
      code: 'MUSTER_LOAD_OPTIONS',
      blame: 'harness',
      hint: "Name it in the options of the mix, such as ['INCR', 'counter'].",
    });
  const door = redisDoor(storeUrl(entry, 'redis', context), context.timeoutMs);
  return {
    name: options.text('name') ?? 'redis',
    open: (_agents, signal) => door.connect(signal),
    start(call) {
      const { agent, index } = call.arrival;
      const values = { agent: nameOf(agent), value: String(index), op: `${nameOf(agent)}-${index}` };
      door.command(
        call,
        name.render(values),
        args.map((arg) => arg.render(values)),
      );
    },
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]();
    },
  };
}
