import type { Outcome } from '../model/outcome.ts';
import type { ExecuteBinding } from '../model/target.ts';
import type { Answer } from './answer.ts';
import { extract, holdsIn, numberIn, textIn } from './extract.ts';

/** One unit of agent work as its caller saw it. null: not bound, or not in the answer. */
export interface Execution {
  readonly outcome: Outcome;
  /** The answer says so itself; with `wrong`, that did not make it right. */
  readonly degraded: boolean;
  readonly tokens: number | null;
  readonly baseline: number | null;
  readonly cacheHit: boolean | null;
  readonly id: string | null;
  /** Whether the answer contains the request's text (crosstalk check). */
  readonly echoed: boolean | null;
  readonly durationMs: number;
  readonly answer: Answer;
}

/**
 * A 2xx whose `ok` expression does not hold is `wrong`; one that holds together with `degraded` is `degraded`.
 * @param transport what the status says.
 */
export function outcomeOfExecution(rules: ExecuteBinding['outcome'], transport: Outcome, json: unknown): Outcome {
  if (transport !== 'ok') return transport;
  if (!holdsIn(rules.ok, json)) return 'wrong';
  return holdsIn(rules.degraded, json) ? 'degraded' : 'ok';
}

export function readExecution({ outcome: rules }: ExecuteBinding, answer: Answer, text: string | null): Execution {
  const { json, durationMs } = answer;
  const delivered = answer.outcome === 'ok';
  const cacheHit = extract(rules.cacheHit, json);
  return {
    outcome: outcomeOfExecution(rules, answer.outcome, json),
    degraded: delivered && holdsIn(rules.degraded, json),
    tokens: numberIn(rules.tokens, json),
    baseline: numberIn(rules.baseline, json),
    cacheHit: typeof cacheHit === 'boolean' ? cacheHit : null,
    id: textIn(rules.id, json),
    echoed: delivered && rules.echo !== undefined && text !== null ? contains(extract(rules.echo, json), text) : null,
    durationMs,
    answer,
  };
}

/** Whether a value, or any text within it, contains `text`. */
export function contains(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value === 'number') return String(value) === text;
  return typeof value === 'object' && value !== null && Object.values(value).some((item) => contains(item, text));
}
