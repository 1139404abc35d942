import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchStore } from '../../harness/environment/testing/scratch-stores.ts';
import { NotMeasured, postgresSampler } from '../../harness/index.ts';
import { sumOf } from './statement-counts.ts';
import { watchStatements } from './statements.ts';

const store = await scratchStore('postgres');
const admin = await connected(store.url);
await admin.query(`create role shop login password 'shop'; create role guest login password 'guest'; grant pg_monitor to guest;
  create table orders (id int primary key, customer text); grant all on orders to shop;
  insert into orders select n, 'customer ' || n from generate_series(1, 100) n`);
const shop = await connected(as('shop'));
const serviceUrl = as('shop');

afterAll(async () => {
  await Promise.all([shop.end(), admin.end()]);
  await store[Symbol.asyncDispose]();
});

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function as(role: string): string {
  return Object.assign(new URL(store.url), { username: role, password: role }).toString();
}

const problemOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error: unknown) => error);

describe('what a role asks its database', () => {
  it('is counted at once, without what others ask, values or the functions that are called by it', async () => {
    await admin.query(
      `create or replace function looked_up() returns bigint language plpgsql as 'begin return (select count(*) from orders); end'`,
    );
    await using statements = await watchStatements({ adminUrl: store.url, serviceUrl });
    const { counts } = await statements.during(async () => {
      for (const id of [1, 2, 3]) await shop.query('select customer from orders where id = $1', [id]);
      await shop.query('select looked_up()');
      await admin.query('select 1 as not_ours');
    });
    expect([...counts.values()].map(({ text, calls, rows }) => [text, calls, rows])).toEqual(
      expect.arrayContaining([
        ['select customer from orders where id = $1', 3, 3],
        ['select looked_up()', 1, 1],
      ]),
    );
    expect(counts.size).toBe(2);
    expect(sumOf(counts, 'blocks')).toBeGreaterThanOrEqual(3);
  });

  it('may be counted by a role that is no superuser, if it is a monitor', async () => {
    await using statements = await watchStatements({ adminUrl: as('guest'), serviceUrl });
    const { counts } = await statements.during(() => shop.query('select count(*) from orders'));
    expect([...counts.values()].map(({ calls }) => calls)).toEqual([1]);
  });

  it('is not measured by a role that may not see it, and the reason says what to grant', async () => {
    const problem = await problemOf(watchStatements({ adminUrl: as('shop'), serviceUrl }));
    expect(problem).toBeInstanceOf(NotMeasured);
    expect(String(problem)).toContain('the role "shop" may not see what other roles ask');
    expect(String(problem)).toContain('pg_monitor');
  });

  it('is not measured when the counts were thrown away meanwhile', async () => {
    await using statements = await watchStatements({ adminUrl: store.url, serviceUrl });
    const reset = async (): Promise<void> => {
      const postgres = await connected(Object.assign(new URL(store.url), { pathname: '/postgres' }).toString());
      await postgres.query('select pg_stat_statements_reset()');
      await postgres.end();
    };
    expect(String(await problemOf(statements.during(reset)))).toContain('has forgotten statements meanwhile');
  });

  it('is not measured without the extension, and the reason says where it was looked for', async () => {
    const postgres = await connected(Object.assign(new URL(store.url), { pathname: '/postgres' }).toString());
    await postgres.query('drop extension pg_stat_statements');
    try {
      const problem = await problemOf(watchStatements({ adminUrl: store.url, serviceUrl }));
      expect(problem).toBeInstanceOf(NotMeasured);
      expect(String(problem)).toContain('it is not in the database "scratch", it is not in the database "postgres"');
    } finally {
      await postgres.query('create extension pg_stat_statements');
      await postgres.end();
    }
  });
});

describe('the activity of a server', () => {
  it('is a gap for a role that may not see others: nothing it is shown is taken for nothing that happens', async () => {
    await using sampler = postgresSampler({ connectionString: as('shop'), intervalMs: 20 });
    const [sample] = await sampler.stop();
    expect(sample).toMatchObject({ activity: null, error: expect.stringContaining('grant it pg_monitor') as string });
  });

  it('names who waits for a lock, for how long, and for whom', async () => {
    const [holder, waiter] = [await connected(as('shop')), await connected(as('shop'))];
    await using sampler = postgresSampler({ connectionString: store.url, intervalMs: 20 });
    await holder.query('begin; update orders set customer = customer where id = 7');
    const waiting = waiter.query('update orders set customer = $1 where id = 7', ['x']);
    const telling = await seen(() =>
      sampler.samples.flatMap(({ activity }) => activity?.telling ?? []).find(({ blockedBy }) => blockedBy.length > 0),
    );
    expect(telling).toMatchObject({
      query: 'update orders set customer = $1 where id = 7',
      blockedBy: [{ query: expect.stringContaining('update orders set customer = customer') as string }],
    });
    const waited = await seen(() => sampler.samples.find(({ activity }) => (activity?.longestLockWaitMs ?? 0) > 250));
    expect(waited.activity?.blocked).toBe(1);
    await holder.query('rollback');
    await waiting;
    await Promise.all([holder.end(), waiter.end()]);
  });
});

async function seen<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
