import { z } from 'zod';
import type { PoolBindings } from '../../model/bindings/pool.ts';
import type { Builders } from '../build-request.ts';
import { checked } from '../checked.ts';
import { duration, expression, nonEmpty } from '../leaves.ts';
import { readDuration } from '../quantities.ts';
import { httpFields, request } from '../schema-request.ts';

/** Longest time a caller is left waiting where a target file does not say: what most clients and proxies stand. */
const DEFAULT_WITHIN_MS = 10_000;

const pool = z.strictObject({
  create: z.strictObject({ ...httpFields, id: expression }),
  work: request,
  hold: nonEmpty,
  fail: request,
  failed: z.array(z.int().min(400).max(499)).min(1),
  within: duration.optional(),
});

/** What takes a connection of the pool, as it is written in a target file. */
export const POOL_FIELDS = { pool: pool.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const POOL_VARIABLES: Readonly<Record<keyof PoolBindings, readonly string[]>> = {
  pool: ['id', 'name', 'value', 'agent', 'workspace', 'op'],
};

interface User {
  readonly pool?: z.infer<typeof pool> | undefined;
}

/** In the model's form. */
export function buildPool({ pool: user }: User, build: Builders): PoolBindings {
  if (user === undefined) return {};
  return {
    pool: {
      create: { http: build.fields(user.create), id: user.create.id },
      work: build.request(user.work),
      hold: user.hold,
      fail: build.request(user.fail),
      failed: user.failed,
      withinMs: user.within === undefined ? DEFAULT_WITHIN_MS : checked(readDuration(user.within)),
    },
  };
}
