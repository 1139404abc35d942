import { Client } from 'pg';
import { until } from './stack.ts';

const WAITING = 'select count(*)::int as calls from pg_locks where not granted and relation = $1::regclass';

/**
 * Lets calls that write to a table begin while it can only be read, until each waits for it: whatever they read before, they read at
 * the same state, however fast or slow the machine is.
 */
export async function overlapping<T>(adminUrl: string, table: string, begin: () => readonly Promise<T>[]): Promise<readonly T[]> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`begin; lock table ${table} in exclusive mode`);
    const calls = begin();
    await until(async () => (await admin.query<{ calls: number }>(WAITING, [table])).rows[0]?.calls === calls.length);
    await admin.query('commit');
    return await Promise.all(calls);
  } finally {
    await admin.end();
  }
}
