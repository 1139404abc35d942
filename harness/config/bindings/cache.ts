import type { CacheBindings } from '../../model/bindings/cache.ts';
import type { Builders } from '../build-request.ts';

/** Answers that are kept. As they are written in a target file. */
export const CACHE_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const CACHE_VARIABLES: Readonly<Record<keyof CacheBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof CacheBindings, undefined>>;

/** In the model's form. */
export function buildCache(_user: User, _build: Builders): CacheBindings {
  return {};
}
