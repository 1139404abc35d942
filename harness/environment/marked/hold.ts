import { Client } from 'pg';
import { lockKey } from './names.ts';

const LIMIT_MS = 5_000;

/** Shown to whoever looks who is connected. */
const NAME = 'muster-observer';

/**
 * Says on the server that the run is alive, until it is disposed of. Taken before anything is made and given back after it was removed:
 * a run that dies loses it with its connection, and the next one may remove what it left.
 */
export async function holdMark(adminUrl: string, mark: string): Promise<AsyncDisposable> {
  const client = new Client({
    connectionString: adminUrl,
    application_name: NAME,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
    keepAlive: true,
  });
  client.on('error', () => undefined); // lost with the server: what was made there can then be removed by others
  const end = (): Promise<void> => client.end();
  try {
    await client.connect();
    // Shared: several checks of one run may hold it at once.
    await client.query('select pg_advisory_lock_shared($1)', [lockKey(mark)]);
  } catch (error) {
    await end().catch(() => undefined); // the first error says more
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}
