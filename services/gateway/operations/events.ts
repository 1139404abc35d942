import type { Pool } from 'pg';
import { inTransaction, type Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';
import type { OperationRow } from './operation.ts';
import type { OperationStatus } from './states.ts';

/** Changes an operation and tells of it, both or neither. */
export type Telling = (previous: OperationStatus | null, change: (sql: Sql) => Promise<OperationRow>) => Promise<OperationRow>;

/** @param committed called after each commit. */
export function createTelling(pool: Pool, committed: () => void): Telling {
  return async (previous, change) => {
    const operation = await inTransaction(pool, async (sql) => {
      const changed = await change(sql);
      await tellOfOperation(sql, changed, previous);
      return changed;
    });
    committed();
    return operation;
  };
}

/** At the end of the transaction, because it locks the workspace. */
export async function tellOfOperation(sql: Sql, operation: OperationRow, previous: OperationStatus | null): Promise<void> {
  const { id, workspace_id: workspaceId, type, status, error, version } = operation;
  // An operation may be the first that happens in its workspace.
  await sql.query('insert into workspaces (id) values ($1) on conflict do nothing', [workspaceId]);
  const sourceTs = new Date().toISOString();
  const data = { operation_id: id, operation_type: type, previous_status: previous, status, error, version, source_ts: sourceTs };
  await appendEvent(sql, { workspaceId, type: 'operation_event', data });
}
