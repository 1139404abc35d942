import { z } from 'zod';
import type { CacheBinding, CacheBindings } from '../../model/bindings/cache.ts';
import { withoutUndefined, type Builders } from '../build-request.ts';
import { checked } from '../checked.ts';
import { duration, expression, name, nonEmpty } from '../leaves.ts';
import { readDuration } from '../quantities.ts';
import { httpFields, request } from '../schema-request.ts';

/** Another process hears of a change a moment after who made it. */
const DEFAULT_STALENESS_MS = 2_000;

const cache = z.strictObject({
  read: z.strictObject({
    ...httpFields,
    hit: expression.optional(),
    value: expression.optional(),
    id: expression.optional(),
    madeMs: z.union([expression, z.array(expression).min(1)]).optional(),
  }),
  write: request.optional(),
  invalidate: request.optional(),
  ttl: duration,
  staleness: duration.optional(),
  keys: nonEmpty.optional(),
  instances: z.array(name).min(1).optional(),
});

/** Answers that are kept. As they are written in a target file. */
export const CACHE_FIELDS = { cache: cache.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const CACHE_VARIABLES: Readonly<Record<keyof CacheBindings, readonly string[]>> = {
  cache: ['text', 'value', 'agent', 'workspace', 'op'],
};

interface User {
  readonly cache?: z.infer<typeof cache> | undefined;
}

/** In the model's form. */
export function buildCache(user: User, build: Builders): CacheBindings {
  return withoutUndefined({ cache: user.cache && cacheOf(user.cache, build) });
}

function cacheOf(user: NonNullable<User['cache']>, build: Builders): CacheBinding {
  const { hit, value, id } = user.read;
  const madeMs = typeof user.read.madeMs === 'string' ? [user.read.madeMs] : user.read.madeMs;
  const http = build.fields(user.read);
  return withoutUndefined({
    read: withoutUndefined({ http, hit, value, id, madeMs }),
    write: user.write === undefined ? undefined : build.request(user.write),
    invalidate: user.invalidate === undefined ? undefined : build.request(user.invalidate),
    ttlMs: checked(readDuration(user.ttl)),
    stalenessMs: user.staleness === undefined ? DEFAULT_STALENESS_MS : checked(readDuration(user.staleness)),
    keys: user.keys,
    instances: user.instances ?? [http.service],
  });
}
