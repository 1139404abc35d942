import { Client } from 'pg';
import { afterAll, afterEach, expect, it } from 'vitest';
import { scratchStore } from '../../harness/environment/testing/scratch-stores.ts';
import { postgresSampler, type SuiteRun } from '../../harness/index.ts';
import { withPostgres } from './stores.ts';
import { sessionsTold, targetSessions } from './target-sessions.ts';

const store = await scratchStore('postgres');
const open: Client[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end()));
});
afterAll(async () => {
  await withPostgres(store.url, (client) => client.query('drop role if exists muster_shop'));
  await store[Symbol.asyncDispose]();
});

async function connect(url: string, count: number): Promise<void> {
  const clients = Array.from({ length: count }, () => new Client({ connectionString: url, application_name: 'someone' }));
  open.push(...clients);
  await Promise.all(clients.map((client) => client.connect()));
}

it('counts what the target has open, and not what others have in the same database', async () => {
  await withPostgres(store.url, (client) => client.query(`create role muster_shop login password 'shop'`));
  const shop = Object.assign(new URL(store.url), { username: 'muster_shop', password: 'shop' }).toString();
  const run = { service: () => Promise.resolve({ url: shop }) } as unknown as Pick<SuiteRun, 'service'>;
  await connect(store.url, 3);
  // Nobody is there under the role of the address: others cannot be told from the target.
  expect((await targetSessions(run, store.url)).role).toBeNull();
  await connect(shop, 2);
  const sessions = await targetSessions(run, store.url);
  expect(sessionsTold(sessions)).toMatch(/^sessions of the role muster_shop in the database \w+$/);
  const totals = async (options: object): Promise<number> => {
    await using sampler = postgresSampler({ connectionString: store.url, intervalMs: 20, ...options });
    await expect.poll(() => sampler.samples.length).toBeGreaterThan(2);
    return Math.max(...sampler.samples.map(({ activity }) => activity?.total ?? 0));
  };
  expect(await totals(sessions)).toBe(2);
  expect(await totals({ database: sessions.database })).toBe(5);
});
