import type { Call, MixEntry, Operation } from '../../load/index.ts';
import type { OperationBinding } from '../../model/bindings/operation.ts';
import { jsonOf, textIn } from '../../target/index.ts';
import { type HttpCall, httpCall, outcomeOfAnswer } from './http-call.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';

const POLL_EVERY_MS = 50;

interface Work {
  readonly binding: OperationBinding;
  readonly create: HttpCall;
  readonly poll: HttpCall;
  readonly pollEveryMs: number;
}

/**
 * The binding `operation`: creates one and polls until an end state; the latency is until then. A success state is `ok`, another end
 * state `rejected`; a poll that fails does not end it. Options: `kind` (one of the binding's, else all in turn), `pollEveryMs` (50), and
 * those of `identityOf`.
 */
export function operationOperation(entry: MixEntry, context: OperationContext): Operation {
  const binding = context.client.requireBinding('operation');
  const options = optionsOf(entry);
  const kind = options.text('kind');
  const kinds = kind === undefined ? binding.kinds : [kind];
  const identity = identityOf(entry);
  const work: Work = {
    binding,
    create: httpCall(binding.create, identity, context, ['kind']),
    poll: httpCall(binding.poll, identity, context, ['kind', 'id']),
    pollEveryMs: options.count('pollEveryMs') ?? POLL_EVERY_MS,
  };
  return {
    name: 'operation',
    start: (call) => create(work, call, kinds[call.arrival.index % Math.max(1, kinds.length)] ?? ''),
    async [Symbol.asyncDispose]() {},
  };
}

function create(work: Work, call: Call, kind: string): void {
  work.create.ask(call, { kind }, (answer) => {
    const outcome = outcomeOfAnswer(answer);
    const id = outcome === 'ok' ? textIn(work.binding.id, jsonOf(answer.text)) : null;
    if (id === null) call.end(outcome === 'ok' ? 'wrong' : outcome, answer.bytes);
    else poll(work, call, { kind, id });
  });
}

function poll(work: Work, call: Call, variables: { readonly kind: string; readonly id: string }): void {
  const { end, success, state } = work.binding;
  work.poll.ask(call, variables, (answer) => {
    const seen = outcomeOfAnswer(answer) === 'ok' ? textIn(state, jsonOf(answer.text)) : null;
    if (seen !== null && end.includes(seen)) return call.end(success.includes(seen) ? 'ok' : 'rejected', answer.bytes);
    const timer = setTimeout(() => poll(work, call, variables), work.pollEveryMs);
    call.cancel = () => clearTimeout(timer);
  });
}
