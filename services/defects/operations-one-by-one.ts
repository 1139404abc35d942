import type { Pool } from 'pg';
import type { OperationStore } from '../gateway/operations/operation.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Any number that nothing else uses as a key in this database. */
const ONE_AT_A_TIME = 7_301_945;
/** Somebody works on them: they are begun, have not ended, and their claim has not run out. */
const BUSY = `select from operations where status in ('planning', 'executing', 'validating') and lease_until > now() limit 1`;

/** A new operation is begun when the one before it has ended, in whichever process that is. */
export const OPERATIONS_ONE_BY_ONE: Partial<Seams> = {
  operationStore: (store, { pool }: SeamContext) => {
    let turn: Promise<unknown> = Promise.resolve();
    return {
      ...store,
      claim: () => {
        const taken = (async () => {
          await turn;
          return alone(pool, async () => ((await pool.query(BUSY)).rowCount === 0 ? begin(store) : null));
        })();
        // Whose turn went wrong does not keep the others from theirs.
        turn = taken.catch(() => null);
        return taken;
      },
    };
  },
};

async function alone<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [ONE_AT_A_TIME]);
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [ONE_AT_A_TIME]);
    client.release();
  }
}

/** Under way from here on, so that whoever looks next sees it. */
async function begin(store: OperationStore): ReturnType<OperationStore['claim']> {
  const claimed = await store.claim();
  return claimed?.status === 'idle' ? store.move(claimed, { to: 'planning' }) : claimed;
}
