import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import type { Move, NewOperation, OperationRow, OperationStore, StepOutcome, StepRow } from './operation.ts';
import type { PlannedStep } from './plans.ts';
import { OPEN_STATUSES, OPERATION_TRANSITIONS } from './states.ts';

const MAX_OPEN = 500;
/** A runner that has not written for this long is taken for dead. Longer than any one step may take. */
const LEASE = `interval '35 seconds'`;
const OPEN = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
const COLUMNS = `id, workspace_id, type, status, parameters, metadata, deadline_at, result, error, confidence, tokens, version,
  created_at, started_at, finished_at, updated_at`;
const STEP_COLUMNS = 'step, worker, action, status, result, confidence, error, execution_time_ms';

export function createOperationStore(pool: Pool): OperationStore {
  return {
    create: (operation) => create(pool, operation),
    get: (workspaceId, id) => get(pool, workspaceId, id),
    claim: () => claim(pool),
    move: (operation, move) => moveOn(pool, operation, move),
    plan: (id, steps) => plan(pool, id, steps),
    finishStep: (id, outcome) => finishStep(pool, id, outcome),
    escalate: async (id, reason, confidence) => {
      await pool.query('insert into escalations (operation_id, reason, confidence) values ($1, $2, $3) on conflict do nothing', [
        id,
        reason,
        confidence,
      ]);
    },
    escalations: (workspaceId) => escalations(pool, workspaceId),
    counts: () => counts(pool),
  };
}

async function get(sql: Sql, workspaceId: string, id: string): ReturnType<OperationStore['get']> {
  const { rows } = await sql.query<OperationRow>(`select ${COLUMNS} from operations where id = $1 and workspace_id = $2`, [
    id,
    workspaceId,
  ]);
  const [operation] = rows;
  if (operation === undefined) throw new ServiceError('not_found', `no operation has the id "${id.slice(0, 64)}"`);
  return { operation, steps: await stepsOf(sql, id) };
}

async function claim(sql: Sql): Promise<OperationRow | null> {
  const { rows } = await sql.query<OperationRow>(
    `update operations set lease_until = now() + ${LEASE}, started_at = coalesce(started_at, now())
     where id = (select id from operations where status in (${OPEN}) and lease_until <= now()
                 order by priority desc, created_at limit 1 for update skip locked)
     returning ${COLUMNS}`,
  );
  return rows[0] ?? null;
}

async function plan(sql: Sql, id: string, steps: readonly PlannedStep[]): Promise<readonly StepRow[]> {
  await sql.query(
    `insert into operation_steps (operation_id, step, worker, action, status)
     select $1, ordinality, worker, action, 'pending'
     from rows from (unnest($2::text[]), unnest($3::text[])) with ordinality as t (worker, action)
     on conflict do nothing`,
    [id, steps.map(({ worker }) => worker), steps.map(({ action }) => action)],
  );
  return stepsOf(sql, id);
}

async function escalations(sql: Sql, workspaceId: string): Promise<readonly unknown[]> {
  const { rows } = await sql.query(
    `select e.operation_id, o.type as operation_type, e.reason, e.confidence, e.created_at
     from escalations e join operations o on o.id = e.operation_id
     where o.workspace_id = $1 and o.status = 'escalating' order by e.created_at desc limit 200`,
    [workspaceId],
  );
  return rows;
}

async function counts(sql: Sql): ReturnType<OperationStore['counts']> {
  const { rows } = await sql.query<{ active: number; escalated: number }>(
    `select count(*) filter (where status in (${OPEN}))::int as active, count(*) filter (where status = 'escalating')::int as escalated
     from operations where status in (${OPEN}, 'escalating')`,
  );
  return rows[0] ?? { active: 0, escalated: 0 };
}

async function create(sql: Sql, operation: NewOperation): Promise<OperationRow> {
  const { rows } = await sql.query<OperationRow>(
    `insert into operations (id, workspace_id, type, status, priority, parameters, metadata, deadline_at, lease_until)
     select $1, $2, $3, 'idle', $4, $5, $6, now() + $7 * interval '1 millisecond', now()
     where (select count(*) from operations where status in (${OPEN})) < ${MAX_OPEN} returning ${COLUMNS}`,
    [
      operation.id,
      operation.workspaceId,
      operation.type,
      operation.priority,
      JSON.stringify(operation.parameters),
      JSON.stringify(operation.metadata),
      operation.timeoutMs,
    ],
  );
  const [created] = rows;
  if (created === undefined)
    throw new ServiceError('rate_limited', `${MAX_OPEN} operations are open, which is the limit`, { retryAfterMs: 2000 });
  return created;
}

async function moveOn(sql: Sql, operation: OperationRow, move: Move): Promise<OperationRow> {
  if (!OPERATION_TRANSITIONS[operation.status].includes(move.to))
    throw new Error(`an operation cannot go from ${operation.status} to ${move.to}`);
  const { rows } = await sql.query<OperationRow>(
    `update operations set status = $3, result = coalesce($4, result), error = coalesce($5, error), confidence = coalesce($6, confidence),
       tokens = coalesce($7, tokens), version = version + 1, updated_at = now(), lease_until = now() + ${LEASE},
       finished_at = case when $3 in ('completed', 'failed', 'escalating') then now() end
     where id = $1 and status = $2 returning ${COLUMNS}`,
    [
      operation.id,
      operation.status,
      move.to,
      move.result === undefined ? null : JSON.stringify(move.result),
      move.error ?? null,
      move.confidence ?? null,
      move.tokens ?? null,
    ],
  );
  const [moved] = rows;
  if (moved === undefined) throw new Error(`operation ${operation.id} is no longer ${operation.status}`);
  return moved;
}

async function stepsOf(sql: Sql, id: string): Promise<readonly StepRow[]> {
  return (await sql.query<StepRow>(`select ${STEP_COLUMNS} from operation_steps where operation_id = $1 order by step`, [id])).rows;
}

async function finishStep(pool: Pool, id: string, outcome: StepOutcome): Promise<void> {
  await inTransaction(pool, async (sql) => {
    await sql.query(
      `update operation_steps set status = $3, result = $4, confidence = $5, error = $6, execution_time_ms = $7 where operation_id = $1 and step = $2`,
      [
        id,
        outcome.step,
        outcome.status,
        outcome.result === undefined ? null : JSON.stringify(outcome.result),
        outcome.confidence ?? null,
        outcome.error ?? null,
        outcome.executionTimeMs,
      ],
    );
    await sql.query(`update operations set lease_until = now() + ${LEASE} where id = $1`, [id]);
  });
}
