import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Migrator } from '../gateway/database/migrator.ts';
import type { SeamContext } from '../gateway/seams.ts';

/** A job that a service does beside its requests, on a connection of its pool, from the start until the pool is closed. */
export function onTheSide(
  migrator: Migrator,
  { pool }: SeamContext,
  job: { readonly everyMs: number; readonly work: (client: PoolClient, isOver: () => boolean) => Promise<void> },
): Migrator {
  let isRunning = false;
  return {
    ...migrator,
    migrate: async () => {
      await migrator.migrate();
      if (isRunning) return;
      isRunning = true;
      void repeat(pool, job);
    },
  };
}

async function repeat(pool: Pool, { everyMs, work }: Parameters<typeof onTheSide>[2]): Promise<void> {
  while (!pool.ending) {
    try {
      const client = await pool.connect();
      try {
        await work(client, () => pool.ending);
      } finally {
        // Whatever is open on it is rolled back.
        client.release(true);
      }
    } catch {
      // The database is away, or does not want it just now: a job comes round again.
    }
    await delay(everyMs, undefined, { ref: false });
  }
}
