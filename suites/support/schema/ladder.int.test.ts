import { afterAll, expect, it } from 'vitest';
import { scratchStore } from '../../../harness/environment/testing/scratch-stores.ts';
import { scalar, withPostgres } from '../stores.ts';
import { climb, descend, type Descent } from './ladder.ts';
import { ownThings } from '../testing/own-things.ts';
import { makeScratchDatabase } from './scratch-database.ts';
import type { Site } from './site.ts';

const store = await scratchStore('postgres');
const own = store.environment.services.get('postgres')?.url ?? '';
const { signal } = new AbortController();
afterAll(() => store[Symbol.asyncDispose]());

interface Step {
  readonly up: string;
  readonly down: string;
}

const FIRST: Step = {
  up: "create type mood as enum ('good'); create table a (id int primary key, feel mood)",
  down: 'drop table a; drop type mood',
};
const SECOND: Step = { up: 'create index a_by_mood on a (feel)', down: 'drop index a_by_mood' };

/** A program as others write it: its books are a number in a table, and it has no other transaction than each statement's. */
const PROGRAM = `
const { Client } = require('pg');
const [direction, steps] = [process.argv[1], JSON.parse(process.env.STEPS)];
(async () => {
  const client = new Client({ connectionString: process.env.TARGET });
  await client.connect();
  await client.query('create table if not exists books (n int)');
  const n = (await client.query('select coalesce(max(n), 0)::int as n from books')).rows[0].n;
  if (direction === 'up') for (let at = n; at < steps.length; at++) {
    await client.query(steps[at].up);
    await client.query('insert into books values ($1)', [at + 1]);
  }
  else {
    await client.query(steps[n - 1].down);
    await client.query('delete from books where n = $1', [n]);
  }
  await client.end();
})().catch((error) => { console.error(error.message); process.exit(3); });`;

async function onLadder(steps: readonly Step[], toTheGround = true): Promise<Descent & { readonly again: boolean }> {
  await using database = await makeScratchDatabase(own, store.url, ownThings());
  const program = (direction: string) => ({
    command: ['node', '-e', PROGRAM, direction],
    cwd: process.cwd(),
    env: { TARGET: '${database}', STEPS: JSON.stringify(steps) },
  });
  const [up, down] = [program('up'), program('down')];
  const fill = "insert into a select n, 'good' from generate_series(1, ${rows}) n";
  const site: Site = {
    database,
    signal,
    migrations: { head: 'select max(n)::text from books', expect: String(steps.length), up, down, fill },
  };
  const { empty, up: first, again } = await climb(site, up);
  expect({ ran: first.run.ok, head: first.head }).toEqual({ ran: true, head: String(steps.length) });
  const descent = await descend(site, { up, down, top: first.schema, ground: empty.schema, rows: 500, toTheGround });
  return { ...descent, again: again?.run.ok ?? false };
}

it('comes out where it began, sees readers and writers meanwhile, and leaves no database behind', async () => {
  const { problems, stalls, trials, again } = await onLadder([FIRST, SECOND]);
  expect({ problems, again }).toEqual({ problems: [], again: true });
  expect(trials).toBeGreaterThan(5);
  if (typeof stalls === 'string') throw new Error(stalls);
  expect(stalls.tables).toEqual([{ table: 'a', rows: 500 }]);
  expect(new Set(stalls.samples.map(({ work }) => work))).toEqual(new Set(['read', 'write']));
  expect(
    await withPostgres(store.url, (client) => scalar(client, "select count(*)::int from pg_database where datname like 'muster%'")),
  ).toBe(0);
});

it('names what was forgotten, and what could not be applied again', async () => {
  const { problems } = await onLadder([{ ...FIRST, down: 'drop table a' }, SECOND]);
  expect(problems).toEqual([
    'left when every migration was taken back: + enum public.mood: good',
    expect.stringContaining('type "mood" already exists'),
  ]);
});

it('sees in one step what the newest migration makes twice', async () => {
  const { problems } = await onLadder([FIRST, { up: 'create index on a (feel)', down: 'select 1' }], false);
  expect(problems).toEqual(['after up, down and up: + index public.a_feel_idx1: CREATE INDEX a_feel_idx1 ON public.a USING btree (feel)']);
});

it('says why it does not know what waits when the rows cannot be made', async () => {
  const { stalls } = await onLadder([{ ...FIRST, up: `${FIRST.up}; alter table a add check (id < 0)` }, SECOND], false);
  expect(stalls).toContain('`stores.migrations.fill` failed');
});

it('says what it needs when it may not make a database', async () => {
  await expect(makeScratchDatabase(own, own, ownThings())).rejects.toThrow('allow the role of `adminUrl` to create databases');
});
