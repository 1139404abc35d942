import { Client } from 'pg';
import { afterAll, expect, it } from 'vitest';
import { markOf } from '../../model/mark.ts';
import { scratchStore } from '../testing/scratch-stores.ts';
import { holdMark } from './hold.ts';
import { markedName, signature } from './names.ts';
import { sweepDead, sweepOwn } from './sweep.ts';

const store = await scratchStore('postgres');
const [own, dead, living] = [markOf('own'), markOf('dead'), markOf('living')];
const place = { adminUrl: store.url, own };

afterAll(() => store[Symbol.asyncDispose]());

async function on<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const make = (kind: 'database' | 'schema', name: string, comment: string | null = null): Promise<void> =>
  on(store.url, async (client) => {
    await client.query(`create ${kind} "${name}"`);
    if (comment !== null) await client.query(`comment on ${kind} "${name}" is '${comment}'`);
  });

const there = (): Promise<readonly string[]> =>
  on(store.url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select datname::text as name from pg_database where datname ~ 'muster' union all select nspname::text from pg_namespace where nspname ~ 'muster' order by 1`,
    );
    return rows.map(({ name }) => name);
  });

const drop = (kind: 'database' | 'schema', name: string) => on(store.url, (client) => client.query(`drop ${kind} "${name}"`));

it('removes what a run left that holds its lock no more, with all that is in it', async () => {
  const [database, schema] = [markedName('scratch', dead), markedName('isolation', dead)];
  const hold = await holdMark(store.url, dead);
  await make('database', database, signature(dead, new Date()));
  await make('schema', schema);
  await on(store.url, (client) => client.query(`create table ${schema}.probe (id int primary key)`));
  expect(await sweepDead(place)).toEqual({ removed: [], left: [] });

  await hold[Symbol.asyncDispose]();
  expect(await sweepDead(place)).toEqual({
    removed: [
      { kind: 'database', name: database },
      { kind: 'schema', name: schema },
    ],
    left: [],
  });
  expect(await there()).toEqual([]);
});

it('never touches what others called alike, or have signed themselves', async () => {
  const databases = ['muster', 'muster_scratch_1763785000000_abcdef', 'muster_scratch_production', `muster_scratch_${dead}_abcdef_backup`];
  const [theirs, schemas] = [markedName('scratch', dead), ['muster_isolation_notes', `my_muster_isolation_${dead}_abcdef`]];
  for (const name of databases) await make('database', name);
  for (const name of schemas) await make('schema', name);
  await make('database', theirs, 'the ledger of our own harness');
  const before = await there();

  expect(await sweepDead(place)).toEqual({ removed: [], left: [] });
  expect(await sweepOwn({ ...place, own: dead })).toEqual({ removed: [], left: [] });
  expect(await there()).toEqual(before);
  for (const name of [...databases, theirs]) await drop('database', name);
  for (const name of schemas) await drop('schema', name);
});

it('leaves to a run beside this one what it made, and to each its own', async () => {
  const [mine, others] = [markedName('scratch', own), markedName('scratch', living)];
  const holds = [await holdMark(store.url, living), await holdMark(store.url, living)];
  await make('database', mine);
  await make('database', others);

  // What this very run made is not dead, whether or not it holds a lock just now.
  expect(await sweepDead(place)).toEqual({ removed: [], left: [] });
  expect((await sweepOwn(place)).removed).toEqual([{ kind: 'database', name: mine }]);
  await holds[0]?.[Symbol.asyncDispose]();
  expect(await sweepDead(place)).toEqual({ removed: [], left: [] });
  await holds[1]?.[Symbol.asyncDispose]();
  expect((await sweepDead(place)).removed).toEqual([{ kind: 'database', name: others }]);
});

it('does not throw anybody out: a database with a session in it stays, and is told', async () => {
  const name = markedName('scratch', dead);
  await make('database', name);
  const url = Object.assign(new URL(store.url), { pathname: `/${name}` }).toString();
  await on(url, async (client) => {
    await client.query('select 1');
    const { removed, left } = await sweepDead(place);
    expect({ removed, left }).toEqual({ removed: [], left: [expect.stringContaining(`the database ${name} (`)] });
  });
  expect((await sweepDead(place)).removed).toEqual([{ kind: 'database', name }]);
});
