import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { ensureWorkspace } from '../workspace.ts';
import { createDelegation } from './create.ts';
import type { DelegationRow, DelegationStore, ResponseRow } from './delegation.ts';
import { begin, end, respond } from './progress.ts';
import { COLUMNS, LEASE, noDelegation } from './rows.ts';

/** @param committed called after each commit that told watchers something. */
export function createDelegationStore(pool: Pool, audit: Audit, committed: () => void): DelegationStore {
  const telling = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const result = await inTransaction(pool, work);
    committed();
    return result;
  };
  return {
    create: async (delegation) => {
      await ensureWorkspace(pool, delegation.workspaceId);
      return telling((sql) => createDelegation(sql, audit, delegation));
    },
    get: (workspaceId, id) => get(pool, workspaceId, id),
    responses: (id) => responses(pool, id),
    tokens: (id) => tokens(pool, id),
    claim: () => claim(pool),
    release: async (id) => {
      await pool.query(`update delegations set lease_until = now() where id = $1 and status in ('pending', 'in_progress')`, [id]);
    },
    begin: (delegation, experts) => telling((sql) => begin(sql, delegation, experts)),
    respond: (delegation, response) => telling((sql) => respond(sql, delegation, response)),
    end: (delegation, ending) => telling((sql) => end(sql, delegation, ending)),
    cancel: (workspaceId, id) => telling((sql) => cancel(sql, audit, { workspaceId, id })),
    firstSeq: (workspaceId, id) => firstSeq(pool, workspaceId, id),
  };
}

async function get(sql: Sql, workspaceId: string, id: string): Promise<DelegationRow> {
  const { rows } = await sql.query<DelegationRow>(`select ${COLUMNS} from delegations where id = $1 and workspace_id = $2`, [
    id,
    workspaceId,
  ]);
  const [delegation] = rows;
  if (delegation === undefined) throw noDelegation(id);
  return delegation;
}

async function responses(sql: Sql, id: string): Promise<readonly ResponseRow[]> {
  const { rows } = await sql.query<ResponseRow>(
    `select expert, status, answer, confidence, tokens, error, execution_time_ms from expert_responses
     where delegation_id = $1 order by created_at, expert`,
    [id],
  );
  return rows;
}

async function tokens(sql: Sql, id: string): Promise<number> {
  const { rows } = await sql.query<{ total: number }>(
    'select coalesce(sum(prompt + completion), 0)::int as total from token_ledger where op_id = $1',
    [id],
  );
  return rows[0]?.total ?? 0;
}

async function firstSeq(sql: Sql, workspaceId: string, id: string): Promise<number | null> {
  const { rows } = await sql.query<{ first_seq: string }>('select first_seq from delegations where id = $1 and workspace_id = $2', [
    id,
    workspaceId,
  ]);
  return rows[0] === undefined ? null : Number(rows[0].first_seq);
}

async function claim(sql: Sql): Promise<DelegationRow | null> {
  const { rows } = await sql.query<DelegationRow>(
    `update delegations set lease_until = now() + ${LEASE}
     where id = (select id from delegations where status in ('pending', 'in_progress') and lease_until <= now()
                 order by created_at limit 1 for update skip locked)
     returning ${COLUMNS}`,
  );
  return rows[0] ?? null;
}

async function cancel(
  sql: Sql,
  audit: Audit,
  { workspaceId, id }: { readonly workspaceId: string; readonly id: string },
): Promise<DelegationRow> {
  const delegation = await get(sql, workspaceId, id);
  await audit.append(sql, { action: 'delegation.cancelled', workspaceId, subject: id });
  const cancelled = await end(sql, delegation, { to: 'cancelled', error: 'cancelled on request' });
  if (cancelled === null) throw new ServiceError('invalid_transition', 'the delegation is over');
  return cancelled;
}
