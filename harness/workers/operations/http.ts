import type { MixEntry, Operation } from '../../load/index.ts';
import { MusterError } from '../../model/errors.ts';
import type { HttpTemplate } from '../../model/target.ts';
import { holdsIn, jsonOf } from '../../target/index.ts';
import { httpCall, outcomeOfAnswer } from './http-call.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf, textOf } from './options.ts';
import { textsOf } from './texts.ts';

/**
 * Any HTTP request, for classes of answers. Options: `name` (for the report), `path`, `service`, `method` (GET), `headers`, `body`, `ok`
 * (an expression that must hold in a 2xx, else it is `wrong`), and those of `identityOf` and `textsOf`.
 * @throws MusterError MUSTER_LOAD_OPTIONS without a path or a service.
 */
export function httpOperation(entry: MixEntry, context: OperationContext): Operation {
  const options = optionsOf(entry);
  const text = textsOf(entry, context);
  const ok = options.text('ok');
  const call = httpCall(templateOf(entry), identityOf(entry), context, ['text']);
  return {
    name: options.text('name') ?? 'http',
    start: (one) =>
      call.send(one, { text: text(one.arrival.index) }, (answer) => {
        const transport = outcomeOfAnswer(answer);
        return transport === 'ok' && ok !== undefined && !holdsIn(ok, jsonOf(answer.text)) ? 'wrong' : transport;
      }),
    async [Symbol.asyncDispose]() {},
  };
}

function templateOf(entry: MixEntry): HttpTemplate {
  const options = optionsOf(entry);
  const [path, service] = [options.text('path'), options.text('service')];
  if (path === undefined || service === undefined)
    throw new MusterError('The load operation "http" has no `path` or no `service`.', {
      code: 'MUSTER_LOAD_OPTIONS',
      blame: 'harness',
      hint: 'Name both in the options of the mix.',
    });
  const headers = options.value('headers');
  return {
    method: options.text('method') ?? 'GET',
    path,
    service,
    body: options.value('body') ?? null,
    headers:
      typeof headers === 'object' && headers !== null
        ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, textOf(value)]))
        : {},
  };
}
