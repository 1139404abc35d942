import { afterAll, beforeEach, expect, it } from 'vitest';
import { scratchStore } from '../../../harness/environment/testing/scratch-stores.ts';
import { withPostgres } from '../stores.ts';
import { differences, fingerprintOf } from './fingerprint.ts';
import { ignoringTold, sift } from './ignored.ts';
import { foreignKeysWithoutIndex, invalidIndexes, tablesWithoutKey } from './lints.ts';

const store = await scratchStore('postgres');
afterAll(() => store[Symbol.asyncDispose]());

const change = (sql: string) => withPostgres(store.url, (client) => client.query(sql));
const read = () => withPostgres(store.url, fingerprintOf);

beforeEach(() =>
  change(`drop schema public cascade; create schema public; drop schema if exists tool cascade;
    create table events (id int, day date, primary key (id, day)) partition by range (day);
    create table notes (id int primary key, event int, day date, foreign key (event, day) references events);
    create index on notes (event, day)`),
);

it('does not take the partitions of a job for drift, nor what the server copies for them where they are referred to', async () => {
  const before = await read();
  await change(`create table events_05 partition of events for values from ('2026-05-01') to ('2026-06-01');
    create table events_06 partition of events for values from ('2026-06-01') to ('2026-07-01')`);
  expect(differences(before, await read())).toEqual([]);
});

it('leaves out what a tool has made and an operator has added, as the target says, and nothing else', async () => {
  const ignore = ['tool', 'public.archive_*', 'public.notes_by_hand', 'public.gone'];
  const made = sift(await read(), ignore);
  await change(`create schema tool; create table tool.jobs (n serial, job int); create function tool.next(n int) returns int language sql as 'select n';
    create table archive_05 (n serial primary key, at timestamptz); create index old_days on archive_05 (at);`);
  await change('create index concurrently notes_by_hand on notes (day)');
  const there = sift(await read(), ignore);
  expect(differences(made.left, there.left)).toEqual([]);
  expect(ignoringTold(made, there)).toEqual([
    expect.stringMatching(/for tool \d+ were not compared: .*table tool\.jobs/),
    expect.stringMatching(/for public\.archive_\* \d+ .*index public\.old_days/),
    '`stores.schema.ignore`: for public.notes_by_hand 1 were not compared: index public.notes_by_hand',
    '`stores.schema.ignore`: public.gone names nothing that is there; take it out of the list',
  ]);
  await change('create index hotfix on notes (id, day)');
  expect(differences(made.left, sift(await read(), ignore).left)).toEqual([expect.stringContaining('+ index public.hotfix')]);
});

it('does not hold the tables of a tool against the target', async () => {
  await change(`create schema tool; create table tool.runs (id int); create table jobs (id int); create table own (event int, day date,
    foreign key (event, day) references events)`);
  const lint = (of: typeof tablesWithoutKey, ...ignore: readonly string[]) => withPostgres(store.url, (client) => of(client, ignore));
  expect(await lint(tablesWithoutKey)).toMatchObject({ looked: 5, ignored: 0 });
  expect(await lint(tablesWithoutKey, 'tool', 'public.jobs')).toEqual({
    looked: 3,
    ignored: 2,
    found: ['own: has no primary key'],
  });
  expect(await lint(foreignKeysWithoutIndex, 'tool')).toMatchObject({
    looked: 2,
    found: [expect.stringContaining('own.own_event_day_fkey')],
  });
  expect(await lint(invalidIndexes)).toMatchObject({ found: [] });
});
