import { randomUUID } from 'node:crypto';
import type { Outcome } from '../model/outcome.ts';
import type { RegisterBinding, TransitionsBinding } from '../model/target.ts';
import type { Variables } from '../model/template.ts';
import type { Answer } from './answer.ts';
import { extract, scalarText, textIn } from './extract.ts';
import type { RequestOptions } from './http-client.ts';
import { createdFrom, type Created, type Send } from './operation.ts';

export interface CreatedKey {
  readonly outcome: Outcome;
  readonly key: string | null;
  /** null: the binding has no `create`, the key was made up here. */
  readonly answer: Answer | null;
}

export interface RegisterValues {
  readonly outcome: Outcome;
  /** In the order of the answer; null when there is no list, or an entry without a value (then `wrong`). */
  readonly values: readonly string[] | null;
  readonly durationMs: number;
  readonly answer: Answer;
}

export async function createKey(binding: RegisterBinding, send: Send, variables: Variables, options?: RequestOptions): Promise<CreatedKey> {
  if (binding.create === undefined) return { outcome: 'ok', key: scalarText(variables['key']) ?? randomUUID(), answer: null };
  const { outcome, id, answer } = createdFrom(await send(binding.create.http, variables, options), binding.create.key);
  return { outcome, key: id, answer };
}

export async function readRegister(
  { read }: RegisterBinding,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
): Promise<RegisterValues> {
  const answer = await send(read.http, variables, options);
  const { durationMs } = answer;
  if (answer.outcome !== 'ok') return { outcome: answer.outcome, values: null, durationMs, answer };
  const items = extract(read.items, answer.json);
  const values = Array.isArray(items) ? items.map((item: unknown) => textIn(read.value, item)) : [null];
  const known = values.filter((value) => value !== null);
  const complete = known.length === values.length;
  return { outcome: complete ? 'ok' : 'wrong', values: complete ? known : null, durationMs, answer };
}

export interface ObjectState {
  readonly outcome: Outcome;
  readonly state: string | null;
  readonly answer: Answer;
}

export interface Move {
  readonly outcome: Outcome;
  /** A 2xx. */
  readonly accepted: boolean;
  /** One of the statuses that mean "refused" on this target. */
  readonly refused: boolean;
  readonly answer: Answer;
}

export async function createObject(
  { create }: TransitionsBinding,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
): Promise<Created> {
  return createdFrom(await send(create.http, variables, options), create.id);
}

export async function readObject(
  { read }: TransitionsBinding,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
): Promise<ObjectState> {
  const answer = await send(read.http, variables, options);
  const state = answer.outcome === 'ok' ? textIn(read.state, answer.json) : null;
  return { outcome: answer.outcome === 'ok' && state === null ? 'wrong' : answer.outcome, state, answer };
}

export async function moveObject(binding: TransitionsBinding, send: Send, variables: Variables, options?: RequestOptions): Promise<Move> {
  const answer = await send(binding.move, variables, options);
  return {
    outcome: answer.outcome,
    accepted: answer.outcome === 'ok',
    refused: answer.status !== null && binding.refused.includes(answer.status),
    answer,
  };
}
