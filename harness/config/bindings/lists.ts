import type { ListsBindings } from '../../model/bindings/lists.ts';
import type { Builders } from '../build-request.ts';

/** Lists and searches: what they cost the database. As they are written in a target file. */
export const LISTS_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const LISTS_VARIABLES: Readonly<Record<keyof ListsBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof ListsBindings, undefined>>;

/** In the model's form. */
export function buildLists(_user: User, _build: Builders): ListsBindings {
  return {};
}
