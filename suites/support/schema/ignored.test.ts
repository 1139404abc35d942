import { expect, it } from 'vitest';
import { ignoringTold, isIgnored, sift } from './ignored.ts';

const SCHEMA = new Map([
  ['schema tool', ''],
  ['table tool.jobs', 'r p'],
  ['table public.events_2026_01', 'r p'],
  ['column public.events_2026_01.at', 'timestamp'],
  ['index public.by_day', 'CREATE INDEX by_day ON public.events_2026_01 USING btree (at)'],
  ['index public.by_note', 'CREATE UNIQUE INDEX by_note ON ONLY public.tasks USING btree (note)'],
  ['sequence public.counter', 'bigint 1 1 owned by public.events_2026_01.n'],
  ['function public.prune(a public.mood)', 'create function'],
  ['table public.tasks', 'r p'],
  ['column public.tasks.note', 'text'],
]);
const leftOf = (...patterns: readonly string[]): readonly string[] => [...sift(SCHEMA, patterns).left.keys()];

it('takes a schema out with all that is in it, and a table with all that belongs to it', () => {
  expect(leftOf('tool', 'public.events_*')).toEqual([
    'index public.by_note',
    'function public.prune(a public.mood)',
    'table public.tasks',
    'column public.tasks.note',
  ]);
});

it('takes single things out by their own name, and nothing else that begins alike', () => {
  const gone = [...SCHEMA.keys()].filter((name) => !leftOf('public.by_note', 'public.prune', 'public.task', 'too').includes(name));
  expect(gone).toEqual(['index public.by_note', 'function public.prune(a public.mood)']);
  expect(isIgnored('public.events_x', ['public.events_*'])).toBe(true);
  expect(isIgnored('public.events', ['public.events_*', 'public.e', 'events'])).toBe(false);
});

it('says what was taken out, and which pattern names nothing', () => {
  expect(ignoringTold(sift(SCHEMA, ['tool', 'old.*']), sift(new Map(), ['tool', 'old.*']))).toEqual([
    '`stores.schema.ignore`: for tool 2 were not compared: schema tool, table tool.jobs',
    '`stores.schema.ignore`: old.* names nothing that is there; take it out of the list',
  ]);
});
