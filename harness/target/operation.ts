import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import type { OperationBinding } from '../model/bindings/operation.ts';
import type { HttpTemplate } from '../model/target.ts';
import type { Variables } from '../model/template.ts';
import type { Answer } from './answer.ts';
import { textIn } from './extract.ts';
import type { RequestOptions } from './http-client.ts';

export type Send = (template: HttpTemplate, variables: Variables, options?: RequestOptions) => Promise<Answer>;

export interface Created {
  /** A 2xx without an id is `wrong`. */
  readonly outcome: Outcome;
  readonly id: string | null;
  readonly answer: Answer;
}

export interface OperationState {
  readonly outcome: Outcome;
  readonly state: string | null;
  readonly ended: boolean;
  readonly success: boolean;
  readonly answer: Answer;
}

export interface OperationEnd {
  /** `ok`: a success state; `rejected`: another end state or a refused creation; `unknown`: no end state in time. */
  readonly outcome: Outcome;
  readonly id: string | null;
  /** The last state seen. */
  readonly state: string | null;
  readonly ended: boolean;
  readonly durationMs: number;
  readonly polls: number;
  /** The last answer. */
  readonly answer: Answer;
}

export interface RunToEndOptions {
  /** Limit from creation to end state. */
  readonly withinMs: number;
  readonly pollEveryMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const POLL_EVERY_MS = 50;

export async function createOperation(
  binding: OperationBinding,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
): Promise<Created> {
  return createdFrom(await send(binding.create, variables, options), binding.id);
}

/** What a creating request made: its id, or `wrong` when a 2xx names none. */
export function createdFrom(answer: Answer, idExpression: string): Created {
  const id = answer.outcome === 'ok' ? textIn(idExpression, answer.json) : null;
  return { outcome: answer.outcome === 'ok' && id === null ? 'wrong' : answer.outcome, id, answer };
}

export async function pollOperation(
  binding: OperationBinding,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
): Promise<OperationState> {
  const answer = await send(binding.poll, variables, options);
  const state = answer.outcome === 'ok' ? textIn(binding.state, answer.json) : null;
  return {
    outcome: answer.outcome === 'ok' && state === null ? 'wrong' : answer.outcome,
    state,
    ended: state !== null && binding.end.includes(state),
    success: state !== null && binding.success.includes(state),
    answer,
  };
}

/** Creates an operation and polls until an end state, the limit or the signal; a poll that fails does not end it. */
export async function runOperationToEnd(
  binding: OperationBinding,
  send: Send,
  variables: Variables,
  options: RunToEndOptions,
): Promise<OperationEnd> {
  const { withinMs, pollEveryMs = POLL_EVERY_MS, signal } = options;
  const startedMs = monotonicMs();
  const leftMs = (): number => withinMs - (monotonicMs() - startedMs);
  const created = await createOperation(binding, send, variables, { timeoutMs: withinMs, signal });
  if (created.id === null) {
    return { ...created, state: null, ended: false, durationMs: monotonicMs() - startedMs, polls: 0 };
  }
  let seen: OperationState | null = null;
  let state: string | null = null;
  let polls = 0;
  const cancelled = (): boolean => signal?.aborted === true;
  while (leftMs() > 0 && !cancelled()) {
    seen = await pollOperation(binding, send, { ...variables, id: created.id }, { timeoutMs: Math.max(1, leftMs()), signal });
    polls += 1;
    state = seen.state ?? state;
    if (seen.ended) break;
    await pause(Math.min(pollEveryMs, Math.max(0, leftMs())), signal);
  }
  const ended = seen?.ended === true;
  return {
    outcome: endOutcome(seen),
    id: created.id,
    state,
    ended,
    durationMs: monotonicMs() - startedMs,
    polls,
    answer: seen?.answer ?? created.answer,
  };
}

function endOutcome(seen: OperationState | null): Outcome {
  if (seen?.ended !== true) return 'unknown';
  return seen.success ? 'ok' : 'rejected';
}

/** Ends early, without an error, when the signal aborts: the loop looks at the signal itself. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
