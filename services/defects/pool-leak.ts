import type { Pool, PoolClient } from 'pg';
import type { Seams } from '../gateway/seams.ts';

/** Few enough to leave connections for the work of others. */
const MAX_LEAKED = 8;

/** A transaction that was rolled back keeps its connection: the error path rolls back, throws, and forgets to release. */
export const POOL_LEAK: Partial<Seams> = {
  pool: (pool) => {
    const kept: (() => void)[] = [];
    const rolledBack = new WeakSet<PoolClient>();
    pool.on('connect', (client) => noteRollBacks(client, rolledBack));
    const connect = pool.connect.bind(pool);
    const forgetting = async (): Promise<PoolClient> => {
      const client = await connect();
      const release = client.release.bind(client);
      client.release = (broken) => {
        if (rolledBack.delete(client) && kept.length < MAX_LEAKED) kept.push(() => release(broken));
        else release(broken);
      };
      return client;
    };
    // Single statements hand over a callback; there is nothing to forget in them.
    pool.connect = ((callback?: Parameters<typeof connect>[0]) =>
      callback === undefined ? forgetting() : connect(callback)) as Pool['connect'];
    return endingAnyway(pool, kept);
  },
};

function noteRollBacks(client: PoolClient, rolledBack: WeakSet<PoolClient>): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    if (args[0] === 'ROLLBACK') rolledBack.add(client);
    return query(...args);
  }) as typeof client.query;
}

/** The process ends all the same: the leak is one of the running service. */
function endingAnyway(pool: Pool, kept: readonly (() => void)[]): Pool {
  const end = pool.end.bind(pool);
  pool.end = (): Promise<void> => {
    for (const release of kept) release();
    return end();
  };
  return pool;
}
