import { z } from 'zod';
import type { ListBinding, ListsBindings } from '../../model/bindings/lists.ts';
import { type Builders, withoutUndefined } from '../build-request.ts';
import { count, expression, name, nonEmpty } from '../leaves.ts';
import { request } from '../schema-request.ts';

/** Enough for a slope that nothing else can make. */
const DEFAULT_MOST = 80;
/** Fewer make no slope; more would be a load test. */
const [FEWEST, MOST] = [4, 500];

/** Without the id of its workspace it would remove what others wrote, too. */
const erasing = nonEmpty.refine(
  (sql) => !/^\s*(?:delete|truncate|update|drop)\b/iu.test(sql) || /\$1\b/u.test(sql),
  'removes more than `fill` wrote: it does not name $1',
);

const list = z.strictObject({
  add: request,
  read: request,
  items: expression,
  most: count.min(FEWEST).max(MOST).optional(),
  fill: z.array(nonEmpty).min(1).optional(),
  erase: z.array(erasing).min(1).optional(),
});
const lists = z.record(name, list);

/** Lists and searches: what they cost the database. As they are written in a target file. */
export const LISTS_FIELDS = { lists: lists.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const LISTS_VARIABLES: Readonly<Record<keyof ListsBindings, readonly string[]>> = {
  lists: ['row', 'agent', 'workspace', 'op'],
};

interface User {
  readonly lists?: z.infer<typeof lists> | undefined;
}

/** In the model's form. */
export function buildLists({ lists: user }: User, build: Builders): ListsBindings {
  if (user === undefined) return {};
  return { lists: Object.fromEntries(Object.entries(user).map(([key, one]) => [key, listOf(one, build)])) };
}

function listOf({ add, read, items, most = DEFAULT_MOST, fill, erase }: z.infer<typeof list>, build: Builders): ListBinding {
  return withoutUndefined({ add: build.request(add), read: build.request(read), items, most, fill, erase });
}
