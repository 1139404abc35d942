import { Client } from 'pg';

export interface Limits {
  /** No statement takes longer. */
  readonly statementMs: number;
  /** A lock that somebody else holds is not waited for any longer. */
  readonly lockMs: number;
}

/** Works on a connection of its own, closed in any case. */
export async function withServer<T>(
  connectionString: string,
  { statementMs, lockMs }: Limits,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString,
    application_name: 'muster',
    connectionTimeoutMillis: statementMs,
    statement_timeout: statementMs,
    query_timeout: statementMs,
    lock_timeout: lockMs,
  });
  client.on('error', () => undefined); // the statement under way rejects with the same error
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
