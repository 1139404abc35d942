import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import type { DelegationRow, DelegationStore, NewDelegation } from './delegation.ts';
import { appendFrame } from './frames.ts';
import { COLUMNS } from './rows.ts';

const MAX_OPEN = 100;
/** From the request to the answer. */
const LIMIT = `interval '30 seconds'`;

export async function createDelegation(sql: Sql, audit: Audit, delegation: NewDelegation): ReturnType<DelegationStore['create']> {
  const before = await madeBefore(sql, delegation);
  if (before !== null) return { delegation: before, created: false };
  const row = await insert(sql, delegation);
  if (row === null) return explain(sql, delegation);
  const { id: subject, workspaceId, decision } = delegation;
  const { should_delegate: delegated } = decision;
  await audit.append(sql, { action: 'delegation.created', workspaceId, subject, details: { delegated } });
  await appendFrame(sql, row, { type: 'status', seq: 1, progress: 10, status: row.status });
  await appendFrame(sql, row, { type: 'routing_analysis', seq: 2, progress: 25, decision });
  return { delegation: row, created: true };
}

async function insert(sql: Sql, delegation: NewDelegation): Promise<DelegationRow | null> {
  const { rows } = await sql.query<DelegationRow>(
    `insert into delegations (id, workspace_id, request, user_id, session_id, decision, idempotency_key, status, frames, progress, first_seq,
       deadline_at, lease_until)
     select $1, $2, $3, $4, $5, $6, $7, 'pending', 2, 25, w.last_seq, now() + ${LIMIT}, now() from workspaces w
     where w.id = $2 and (select count(*) from delegations where status in ('pending', 'in_progress')) < ${MAX_OPEN}
     on conflict (workspace_id, idempotency_key) do nothing returning ${COLUMNS}`,
    [
      delegation.id,
      delegation.workspaceId,
      delegation.request,
      delegation.userId,
      delegation.sessionId,
      JSON.stringify(delegation.decision),
      delegation.idempotencyKey,
    ],
  );
  return rows[0] ?? null;
}

/** Nothing was written: another request with the key was quicker, or too many are open. */
async function explain(sql: Sql, delegation: NewDelegation): ReturnType<DelegationStore['create']> {
  const before = await madeBefore(sql, delegation);
  if (before !== null) return { delegation: before, created: false };
  throw new ServiceError('rate_limited', `${MAX_OPEN} delegations are open, which is the limit`, { retryAfterMs: 2000 });
}

async function madeBefore(sql: Sql, delegation: NewDelegation): Promise<DelegationRow | null> {
  const { workspaceId, idempotencyKey, request, userId, sessionId } = delegation;
  if (idempotencyKey === null) return null;
  const { rows } = await sql.query<DelegationRow & { readonly same: boolean }>(
    `select ${COLUMNS}, request = $3 and user_id = $4 and session_id = $5 as same from delegations
     where workspace_id = $1 and idempotency_key = $2`,
    [workspaceId, idempotencyKey, request, userId, sessionId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (!row.same) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another request');
  return row;
}
