import type { PoolClient } from 'pg';
import type { Seams } from '../gateway/seams.ts';

const ENDS_WITH_TRANSACTION = /(set_config\('app\.[^)]*), true\)/;

/** The workspace is set for the session instead of for the transaction: it stays on the connection when the request is over. */
export const SET_CONFIG_LEAK: Partial<Seams> = {
  pool: (pool) => pool.on('connect', rewriteSettings),
};

function rewriteSettings(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((text: unknown, ...rest: unknown[]) =>
    query(typeof text === 'string' ? text.replace(ENDS_WITH_TRANSACTION, '$1, false)') : text, ...rest)) as typeof client.query;
}
