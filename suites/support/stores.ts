import { Redis } from 'ioredis';
import pg from 'pg';

/** Shown in pg_stat_activity and CLIENT LIST, so that the harness can leave itself out of what it counts. */
const OBSERVER = 'muster-observer';
const LIMIT_MS = 5_000;

/** One connection for the time of `work`; never part of the target's own counts. */
export async function withPostgres<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString,
    application_name: OBSERVER,
    connectionTimeoutMillis: LIMIT_MS,
    statement_timeout: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** One connection for the time of `work`; fails instead of waiting when Redis is away. */
export async function withRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, {
    connectionName: OBSERVER,
    lazyConnect: true,
    connectTimeout: LIMIT_MS,
    commandTimeout: LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // the failing command rejects with the same error
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** The single value of a single-row, single-column answer. */
export async function scalar(client: pg.Client, sql: string, values: readonly unknown[] = []): Promise<unknown> {
  const result = await client.query<Record<string, unknown>>(sql, [...values]);
  const [row] = result.rows;
  return row === undefined ? undefined : Object.values(row)[0];
}
