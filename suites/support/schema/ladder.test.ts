import { expect, it } from 'vitest';
import { differences } from './fingerprint.ts';
import { withoutBooks } from './ladder.ts';

it('leaves out the table that the statement for the head names, with all that belongs to it, and nothing else', () => {
  const lines = [
    '+ table public.books: r p',
    '+ column public.books.n: integer',
    '+ index public.books_pkey: CREATE UNIQUE INDEX books_pkey ON public.books USING btree (n)',
    '+ enum public.mood: good',
    '+ table public.ma: r p',
  ];
  expect(withoutBooks(lines, 'select max(n) from books')).toEqual(['+ enum public.mood: good', '+ table public.ma: r p']);
  expect(withoutBooks(lines, 'select version from elsewhere')).toEqual(lines);
});

it('tells what was added, lost and changed, by name', () => {
  const before = new Map([
    ['table a', 'r p'],
    ['column a.x', 'integer'],
    ['index i', 'btree'],
  ]);
  const after = new Map([
    ['table a', 'r p'],
    ['column a.x', 'bigint'],
    ['schema s', ''],
  ]);
  expect(differences(before, after)).toEqual(['~ column a.x integer → bigint', '- index i: btree', '+ schema s']);
  expect(differences(before, before)).toEqual([]);
});
