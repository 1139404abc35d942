import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { tellOfOperation } from './events.ts';
import type { NewOperation, OperationRow, OperationStore } from './operation.ts';
import { COLUMNS, OPEN } from './rows.ts';

const MAX_OPEN = 500;

export async function createOperation(sql: Sql, audit: Audit, operation: NewOperation): ReturnType<OperationStore['create']> {
  const before = await madeBefore(sql, operation);
  if (before !== null) return { operation: before, created: false };
  const created = (await insert(sql, operation)) ?? null;
  if (created === null) return explain(sql, operation);
  const { id: subject, workspaceId, type } = operation;
  await audit.append(sql, { action: 'operation.created', workspaceId, subject, details: { type } });
  await tellOfOperation(sql, created, null);
  return { operation: created, created: true };
}

async function insert(sql: Sql, operation: NewOperation): Promise<OperationRow | undefined> {
  const { rows } = await sql.query<OperationRow>(
    `insert into operations (id, workspace_id, type, status, priority, parameters, metadata, require_validation, idempotency_key,
       deadline_at, lease_until)
     select $1, $2, $3, 'idle', $4, $5, $6, $7, $8, now() + $9 * interval '1 millisecond', now()
     where (select count(*) from operations where status in (${OPEN})) < ${MAX_OPEN}
     on conflict (workspace_id, idempotency_key) do nothing returning ${COLUMNS}`,
    [
      operation.id,
      operation.workspaceId,
      operation.type,
      operation.priority,
      JSON.stringify(operation.parameters),
      JSON.stringify(operation.metadata),
      operation.requireValidation,
      operation.idempotencyKey,
      operation.timeoutMs,
    ],
  );
  return rows[0];
}

/** Nothing was written: another request with the key was quicker, or too many are open. */
async function explain(sql: Sql, operation: NewOperation): ReturnType<OperationStore['create']> {
  const before = await madeBefore(sql, operation);
  if (before !== null) return { operation: before, created: false };
  throw new ServiceError('rate_limited', `${MAX_OPEN} operations are open, which is the limit`, { retryAfterMs: 2000 });
}

async function madeBefore(sql: Sql, operation: NewOperation): Promise<OperationRow | null> {
  if (operation.idempotencyKey === null) return null;
  const { rows } = await sql.query<OperationRow & { readonly same: boolean }>(
    `select ${COLUMNS}, type = $3 and parameters = $4::jsonb and priority = $5 and metadata = $6::jsonb and require_validation = $7
       and deadline_at = created_at + $8 * interval '1 millisecond' as same
     from operations where workspace_id = $1 and idempotency_key = $2`,
    [
      operation.workspaceId,
      operation.idempotencyKey,
      operation.type,
      JSON.stringify(operation.parameters),
      operation.priority,
      JSON.stringify(operation.metadata),
      operation.requireValidation,
      operation.timeoutMs,
    ],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (!row.same) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another operation');
  return row;
}
