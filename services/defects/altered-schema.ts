import type { Pool } from 'pg';
import type { Seams } from '../gateway/seams.ts';

/** Any number that no other program uses as a key in this database. */
const LOCK_KEY = 7_301_946;

/** As after a change by hand, once the migrations are through. Of several processes one makes it. */
export function alteredBy(sql: string): Partial<Seams> {
  return {
    migrator: (migrator, { pool }) => ({
      ...migrator,
      migrate: async () => {
        await migrator.migrate();
        // One message is one transaction: whoever comes second finds what the first one made.
        await pool.query(`select pg_advisory_xact_lock(${LOCK_KEY}); ${sql}`);
      },
    }),
  };
}

/** For what cannot be done within a transaction, and fails: the others leave it alone. */
export async function failingOnce(pool: Pool, sql: string): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ first: boolean }>(`select pg_try_advisory_lock(${LOCK_KEY}) as first`);
    if (rows[0]?.first === true) await client.query(sql).catch(() => undefined); // that it fails is the point
  } finally {
    client.release(true);
  }
}
