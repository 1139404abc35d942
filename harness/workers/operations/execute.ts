import type { MixEntry, Operation } from '../../load/index.ts';
import { jsonOf, outcomeOfExecution } from '../../target/index.ts';
import { httpCall, outcomeOfAnswer } from './http-call.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { textsOf } from './texts.ts';

/** The binding `execute`. Options: those of `identityOf` and `textsOf`. */
export function executeOperation(entry: MixEntry, context: OperationContext): Operation {
  const { http, outcome: rules } = context.client.requireBinding('execute');
  const text = textsOf(entry, context);
  const call = httpCall(http, identityOf(entry), context, ['text']);
  return {
    name: 'execute',
    start: (one) =>
      call.send(one, { text: text(one.arrival.index) }, (answer) => {
        const transport = outcomeOfAnswer(answer);
        return transport === 'ok' ? outcomeOfExecution(rules, transport, jsonOf(answer.text)) : transport;
      }),
    async [Symbol.asyncDispose]() {},
  };
}
