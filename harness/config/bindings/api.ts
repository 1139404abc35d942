import type { ApiBindings } from '../../model/bindings/api.ts';
import type { Builders } from '../build-request.ts';

/** The document of the interface itself. As they are written in a target file. */
export const API_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const API_VARIABLES: Readonly<Record<keyof ApiBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof ApiBindings, undefined>>;

/** In the model's form. */
export function buildApi(_user: User, _build: Builders): ApiBindings {
  return {};
}
