import type { PoolBindings } from '../../model/bindings/pool.ts';
import type { Builders } from '../build-request.ts';

/** What takes a connection of the pool. As they are written in a target file. */
export const POOL_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const POOL_VARIABLES: Readonly<Record<keyof PoolBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof PoolBindings, undefined>>;

/** In the model's form. */
export function buildPool(_user: User, _build: Builders): PoolBindings {
  return {};
}
