import type { Pool } from 'pg';
import { inTransaction, type Sql } from './pool.ts';

/**
 * A transaction that sees the rows of one workspace only, in tables whose policy asks for it:
 * `using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid)`.
 * The setting ends with the transaction, so that a pooled connection never carries it to the next request.
 */
export function inWorkspace<T>(pool: Pool, workspaceId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (sql) => {
    await sql.query(`select set_config('app.workspace_id', $1, true)`, [workspaceId]);
    return work(sql);
  });
}
