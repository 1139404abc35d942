import { z } from 'zod';
import type { VectorBindings } from '../../model/bindings/vector.ts';
import type { Builders } from '../build-request.ts';
import { withoutUndefined } from '../build-request.ts';
import { ALLOWED_MARK, count, expression, nonEmpty } from '../leaves.ts';
import { httpFields } from '../schema-request.ts';

const DEFAULT_LIMIT = 10;

const vector = z.strictObject({
  search: z.strictObject({ ...httpFields, items: expression, id: expression }),
  table: nonEmpty,
  column: nonEmpty,
  key: nonEmpty.optional(),
  workspace: nonEmpty,
  operator: z.enum(['<=>', '<->', '<#>', '<+>'], `is no operator of distance${ALLOWED_MARK}<=>, <->, <#>, <+>`),
  limit: count.max(1000).optional(),
  cutoff: z.number().optional(),
  seed: nonEmpty,
});

/** Searches by distance. As they are written in a target file. */
export const VECTOR_FIELDS = { vector: vector.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const VECTOR_VARIABLES: Readonly<Record<keyof VectorBindings, readonly string[]>> = {
  vector: ['vector', 'limit', 'agent', 'workspace', 'op'],
};

interface User {
  readonly vector?: z.infer<typeof vector> | undefined;
}

/** In the model's form. */
export function buildVector({ vector: user }: User, build: Builders): VectorBindings {
  return withoutUndefined({
    vector:
      user &&
      withoutUndefined({
        ...user,
        search: { http: build.fields(user.search), items: user.search.items, id: user.search.id },
        key: user.key ?? 'id',
        limit: user.limit ?? DEFAULT_LIMIT,
      }),
  });
}
