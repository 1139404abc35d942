import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { createTelling } from './events.ts';
import type { OperationRow } from './operation.ts';
import type { OperationType } from './plans.ts';
import { COLUMNS, noOperation } from './rows.ts';

export interface Escalation {
  readonly operation_id: string;
  readonly operation_type: OperationType;
  readonly reason: string;
  readonly confidence: number;
  readonly created_at: Date;
}

export interface Resolution {
  readonly decision: 'approve' | 'reject';
  /** Who decided. */
  readonly by: string;
}

/** Operations that wait for a person, and what the person decided. */
export interface Escalations {
  /** Those that nobody has decided yet, newest first. */
  open(workspaceId: string): Promise<readonly Escalation[]>;
  /** One of several at once wins. @throws ServiceError not_found, or invalid_transition when it does not wait for a person. */
  resolve(workspaceId: string, operationId: string, resolution: Resolution): Promise<OperationRow>;
}

const LIST_LIMIT = 200;

/** @param committed called after each commit that told watchers something. */
export function createEscalations(pool: Pool, audit: Audit, committed: () => void): Escalations {
  const telling = createTelling(pool, committed);
  return {
    open: async (workspaceId) => {
      const { rows } = await pool.query<Escalation>(
        `select e.operation_id, o.type as operation_type, e.reason, e.confidence, e.created_at
         from escalations e join operations o on o.id = e.operation_id
         where o.workspace_id = $1 and e.resolved_at is null order by e.created_at desc limit ${LIST_LIMIT}`,
        [workspaceId],
      );
      return rows;
    },
    resolve: (workspaceId, operationId, resolution) =>
      telling('escalating', async (sql) => {
        const operation = await decide(sql, { workspaceId, operationId, resolution });
        await sql.query('update escalations set decision = $2, resolved_by = $3, resolved_at = now() where operation_id = $1', [
          operationId,
          resolution.decision,
          resolution.by,
        ]);
        const details = { decision: resolution.decision, by: resolution.by };
        await audit.append(sql, { action: 'escalation.resolved', workspaceId, subject: operationId, details });
        return operation;
      }),
  };
}

interface ToDecide {
  readonly workspaceId: string;
  readonly operationId: string;
  readonly resolution: Resolution;
}

/** The row's lock lets one of several through; the others find it decided. */
async function decide(sql: Sql, { workspaceId, operationId, resolution }: ToDecide): Promise<OperationRow> {
  const rejected = resolution.decision === 'reject';
  const { rows } = await sql.query<OperationRow>(
    `update operations set status = $3, error = $4, version = version + 1, updated_at = now()
     where id = $1 and workspace_id = $2 and status = 'escalating' returning ${COLUMNS}`,
    [operationId, workspaceId, rejected ? 'failed' : 'completed', rejected ? `rejected by ${resolution.by}` : null],
  );
  const [operation] = rows;
  if (operation !== undefined) return operation;
  const found = await sql.query<{ status: string }>('select status from operations where id = $1 and workspace_id = $2', [
    operationId,
    workspaceId,
  ]);
  const status = found.rows[0]?.status;
  if (status === undefined) throw noOperation(operationId);
  throw new ServiceError('invalid_transition', `the operation is ${status}: it does not wait for a person`);
}
