import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { rateLimited, type Log } from '../../shared/log.ts';

/** What can run a statement: the pool (its own transaction) or a transaction's connection. */
export interface Sql {
  query<Row extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

export interface PoolOptions {
  readonly url: string;
  readonly max: number;
  readonly log: Log;
}

/** One bounded pool per process. Every wait has an end: for a connection, for a lock, for a statement, for a silent network. */
export function createPool({ url, max, log }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    application_name: 'gateway',
    connectionTimeoutMillis: 2000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 2500,
    lock_timeout: 2000,
    idle_in_transaction_session_timeout: 5000,
    query_timeout: 3000,
    keepAlive: true,
  });
  const report = rateLimited((fields) => log.warn('postgres_connection_lost', fields), 1000);
  pool.on('error', report);
  // The pool listens only to idle connections; without this one that is lost inside a transaction would end the process.
  pool.on('connect', (client) => client.on('error', report));
  return pool;
}

/**
 * Runs `work` in one transaction. Nothing that waits for anything but this database belongs inside.
 * A connection on which something failed is closed, not reused.
 */
export async function inTransaction<T>(pool: Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    // The connection is broken; the server rolls back when it notices.
    client.release(error instanceof Error ? error : true);
  }
}
