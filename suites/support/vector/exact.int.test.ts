import { afterAll, expect, it } from 'vitest';
import { scratchStore } from '../../../harness/environment/testing/scratch-stores.ts';
import { withPostgres } from '../stores.ts';
import { recallOf, truthOf } from './exact.ts';

const store = await scratchStore('postgres');
afterAll(() => store[Symbol.asyncDispose]());

const COLUMN = { dimensions: 2, column: 'at', key: 'id', workspace: 'owner', indexes: [] };
const BINDING = {
  search: { http: { method: 'POST', path: '/', service: 'x', body: null, headers: {} }, items: 'items', id: 'id' },
  table: 'places',
  column: 'at',
  key: 'id',
  workspace: 'owner',
  operator: '<->',
  limit: 4,
  seed: '',
};

it('judges a search that leaves out what is too far by an exact search that does so too', async () => {
  // Points know the same operator of distance, and need no extension.
  const truth = (ids: readonly string[], cutoff?: number) =>
    withPostgres(store.url, (client) =>
      truthOf(client, cutoff === undefined ? BINDING : { ...BINDING, cutoff }, COLUMN, { vector: '(0,0)', tenant: 'a', ids }),
    );
  await withPostgres(store.url, (client) =>
    client.query(`create table places (id int, owner text, at point);
      insert into places select n, 'a', point(n, 0) from generate_series(1, 9) n; insert into places values (20, 'b', '(0,1)')`),
  );
  const whole = await truth(['1', '2']);
  expect(whole).toMatchObject({ rows: 9, farthest: 4 });
  expect(recallOf(whole, 4)).toEqual({ found: 2, of: 4 });
  const within = await truth(['1', '2'], 2.5);
  expect(within).toMatchObject({ rows: 2, farthest: 2 });
  expect(recallOf(within, 4)).toEqual({ found: 2, of: 2 });
  // What is just there may come or not.
  expect(recallOf(await truth(['1', '2', '3'], 3), 4)).toEqual({ found: 2, of: 2 });
  expect(recallOf(await truth(['1', '9'], 2.5), 4)).toEqual({ found: 1, of: 2 });
  expect(await truth([], 0.5)).toMatchObject({ rows: 0, farthest: null });
});
