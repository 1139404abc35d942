import type { StateBindings } from '../../model/bindings/state.ts';
import type { Builders } from '../build-request.ts';

/** What is written by several at once: contexts with versions, documents, limits, idempotency keys. As they are written in a target file. */
export const STATE_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const STATE_VARIABLES: Readonly<Record<keyof StateBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof StateBindings, undefined>>;

/** In the model's form. */
export function buildState(_user: User, _build: Builders): StateBindings {
  return {};
}
