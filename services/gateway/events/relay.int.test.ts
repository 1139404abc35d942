import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pool } from 'pg';
import type { Redis } from 'ioredis';
import type { Log } from '../../shared/log.ts';
import { repeat } from '../../shared/repeat.ts';
import { until } from '../../testing/stack.ts';
import { query, startPostgres, startRedis, type PostgresStore, type RedisStore } from '../../testing/stores.ts';
import { MIGRATIONS } from '../database/migrations/index.ts';
import { createMigrator } from '../database/migrator.ts';
import { createPool } from '../database/pool.ts';
import { connectInBackground, createRedis } from '../redis/client.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';
import { createRelay } from './relay.ts';

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let postgres: PostgresStore;
let redisStore: RedisStore;
let pool: Pool;
let redis: Redis;
beforeAll(async () => {
  [postgres, redisStore] = await Promise.all([startPostgres(), startRedis()]);
  pool = createPool({ url: postgres.url, max: 6, log: SILENT });
  redis = createRedis(redisStore.url, SILENT);
  connectInBackground(redis, SILENT);
  await createMigrator(pool, MIGRATIONS, SILENT).migrate();
  await pool.query('insert into workspaces (id) values ($1)', [DEFAULT_WORKSPACE]);
  await until(() => Promise.resolve(redis.status === 'ready'));
});
afterAll(async () => {
  redis.disconnect();
  await pool.end();
  await Promise.all([postgres.dispose(), redisStore.dispose()]);
});

/** Events of one workspace, published before `ago` or never. */
async function write(first: number, last: number, ago: string | null): Promise<void> {
  await pool.query(
    `insert into outbox (workspace_id, seq, topic, data, published_at)
     select $1, seq, 'agent_activity', '{}', now() - $4::interval from generate_series($2::int, $3::int) seq`,
    [DEFAULT_WORKSPACE, first, last, ago],
  );
}
const counted = async (where: string): Promise<number> =>
  Number((await pool.query<{ n: string }>(`select count(*) as n from outbox where ${where}`)).rows[0]?.n);

it('three relays bring each event once and in order, and do not wait for each other in a circle', async () => {
  await write(1, 3000, null);
  const failures: unknown[] = [];
  const relays = [1, 2, 3].map(() => createRelay(pool, redis, (error) => failures.push(error), repeat));
  await until(async () => (await counted('published_at is null')) === 0);
  await Promise.all(relays.map((relay) => relay.stop()));
  const entries = await redis.xrange(`outbox:${DEFAULT_WORKSPACE}`, '-', '+');
  expect(entries.map(([id]) => id)).toEqual(Array.from({ length: 3000 }, (_, index) => `${index + 1}-0`));
  expect(failures).toEqual([]);
  const { rows } = await query(postgres.adminUrl, 'select deadlocks::int from pg_stat_database where datname = current_database()');
  expect(rows).toEqual([{ deadlocks: 0 }]);
});

it('removes all that is too old, however much it is, and nothing else', async () => {
  await write(10_001, 13_500, '2 days');
  await write(20_001, 20_100, '1 hour');
  const failures: unknown[] = [];
  const relay = createRelay(pool, redis, (error) => failures.push(error), repeat);
  await until(async () => (await counted('seq between 10001 and 13500')) === 0);
  await relay.stop();
  expect([await counted('seq between 20001 and 20100'), failures]).toEqual([100, []]);
});
