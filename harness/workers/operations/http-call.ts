import { randomUUID } from 'node:crypto';
import type { Call } from '../../load/index.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { HttpTemplate } from '../../model/target.ts';
import type { Variables } from '../../model/template.ts';
import { type LoadAnswer, type LoadHttp, outcomeOfStatus, urlOf } from '../../target/index.ts';
import { type Identity, GIVEN } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { type CompiledRequest, compileRequest } from './template/compiled-request.ts';

/** One HTTP request of an operation, ready to be sent any number of times. */
export interface HttpCall {
  /** Sends it for `call`, which ends with what `judge` says of the answer. */
  send(call: Call, values: Variables, judge: (answer: LoadAnswer) => Outcome): void;
  /** As `send`, for requests that do not end the call; it stays cancellable. */
  ask(call: Call, values: Variables, answered: (answer: LoadAnswer) => void): void;
}

/**
 * @param given names of the variables of each call besides `agent` and `op`.
 * @throws MusterError (config) for unknown services and variables.
 */
export function httpCall(template: HttpTemplate, identity: Identity, { http, urls }: OperationContext, given: readonly string[]): HttpCall {
  const known = { constants: identity.constants, given: [...GIVEN, ...given] };
  const request = compileRequest(template, urlOf(template.service, urls), known);
  const door = http(template.service);
  const ask: HttpCall['ask'] = (call, values, answered) => {
    call.cancel = sent({ door, request, values: withOwn(request, identity, call, values) }, call, answered);
  };
  return { ask, send: (call, values, judge) => ask(call, values, (answer) => call.end(judge(answer), answer.bytes)) };
}

/** 2xx ok, 429 and 503 shed, other 4xx rejected; everything else, and what broke on its way, may or may not have happened. */
export function outcomeOfAnswer({ status, error }: LoadAnswer): Outcome {
  return status === null || error !== null ? 'unknown' : outcomeOfStatus(status);
}

function withOwn(request: CompiledRequest, { nameOf }: Identity, { arrival }: Call, values: Variables): Variables {
  const agent = nameOf(arrival.agent);
  return request.needs('op') ? { agent, op: randomUUID(), ...values } : { agent, ...values };
}

interface Sending {
  readonly door: LoadHttp;
  readonly request: CompiledRequest;
  readonly values: Variables;
}

function sent({ door, request, values }: Sending, call: Call, answered: (answer: LoadAnswer) => void): () => void {
  return door.send(request.render(values), { answered, crashed: (error) => call.crash(error) });
}
