import { Redis } from 'ioredis';
import pg from 'pg';
import { inDatabaseOf, NotMeasured, type SuiteRun } from '../../harness/index.ts';

/** Shown in pg_stat_activity and CLIENT LIST, so that the harness can leave itself out of what it counts. */
export const OBSERVER = 'muster-observer';
const LIMIT_MS = 5_000;

/** A connection that is never part of the target's own counts; not yet open. No statement takes longer than `limitMs`. */
export function observerOf(connectionString: string, limitMs = LIMIT_MS): pg.Client {
  const client = new pg.Client({
    connectionString,
    application_name: OBSERVER,
    connectionTimeoutMillis: LIMIT_MS,
    statement_timeout: limitMs,
    query_timeout: limitMs,
  });
  // A connection that is lost shows in the next query; without a listener it would end the process.
  client.on('error', () => undefined);
  return client;
}

/** The harness's own way into the database that the target uses. Throws NotMeasured when there is none. */
export async function databaseAdmin(run: Pick<SuiteRun, 'service' | 'adminUrl'>): Promise<string> {
  const { url } = await run.service('postgres');
  return inDatabaseOf(url, await run.adminUrl('postgres'));
}

const MAY_NOT = '42501';

/**
 * One connection for the time of `work`; never part of the target's own counts.
 * @throws NotMeasured when the role may not do what the work needs, and the work does not say so itself.
 */
export async function withPostgres<T>(connectionString: string, work: (client: pg.Client) => Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const client = observerOf(connectionString, limitMs);
  await client.connect();
  try {
    return await work(client);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== MAY_NOT) throw error;
    const role = new URL(connectionString).username;
    throw new NotMeasured(`the role "${role}" may not look: ${error.message}. Give \`adminUrl\` a role that may`, { cause: error });
  } finally {
    await client.end();
  }
}

/**
 * One connection for the time of `work`; fails instead of waiting when Redis is away.
 * @throws NotMeasured when the user may not do what the work needs, and the work does not say so itself.
 */
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
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOPERM')) throw error;
    throw new NotMeasured(`Redis does not let this user look: ${error.message}. Give \`adminUrl\` a user that may`, { cause: error });
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
