import type { PoolConfig } from 'pg';
import type { Seams } from '../gateway/seams.ts';

/** Every limit of a wait is taken off the pool, before it makes its first connection. */
const NONE = {
  connectionTimeoutMillis: 0,
  lock_timeout: 0,
  statement_timeout: 0,
  query_timeout: 0,
} satisfies PoolConfig;

export const POOL_WAITS_FOR_EVER: Partial<Seams> = {
  pool: (pool) => {
    Object.assign(pool.options, NONE);
    return pool;
  },
};
