import type { Pool } from 'pg';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { createOperation } from './create.ts';
import { createTelling } from './events.ts';
import type { Move, OpenCounts, OperationQuery, OperationRow, OperationStore, StepRow } from './operation.ts';
import type { PlannedStep } from './plans.ts';
import { COLUMNS, LEASE, noOperation, OPEN, takenOver } from './rows.ts';
import { canMove } from './states.ts';
import { finishStep, startStep, STEP_COLUMNS } from './steps.ts';

/** @param committed called after each commit that told watchers something. */
export function createOperationStore(pool: Pool, audit: Audit, committed: () => void): OperationStore {
  const telling = createTelling(pool, committed);
  return {
    create: async (operation) => {
      const made = await inTransaction(pool, (sql) => createOperation(sql, audit, operation));
      committed();
      return made;
    },
    get: (workspaceId, id) => get(pool, workspaceId, id),
    list: (query) => list(pool, query),
    claim: () => claim(pool),
    release: async ({ id, claims }) => {
      await pool.query(`update operations set lease_until = now() where id = $1 and claims = $2 and status in (${OPEN})`, [id, claims]);
    },
    move: (operation, move) => telling(operation.status, (sql) => moveOn(sql, operation, move)),
    escalate: (operation, reason, { confidence, result }) =>
      telling(operation.status, async (sql) => {
        const moved = await moveOn(sql, operation, { to: 'escalating', confidence, result });
        await sql.query('insert into escalations (operation_id, reason, confidence) values ($1, $2, $3) on conflict do nothing', [
          operation.id,
          reason,
          confidence,
        ]);
        await audit.append(sql, { action: 'operation.escalated', workspaceId: operation.workspace_id, subject: operation.id });
        return moved;
      }),
    plan: (id, steps) => plan(pool, id, steps),
    startStep: async (operation, step) => {
      if (!(await startStep(pool, operation, step))) throw takenOver(operation);
    },
    finishStep: async (operation, outcome) => {
      if (!(await inTransaction(pool, (sql) => finishStep(sql, operation, outcome)))) throw takenOver(operation);
    },
    counts: () => counts(pool),
  };
}

async function get(sql: Sql, workspaceId: string, id: string): ReturnType<OperationStore['get']> {
  const { rows } = await sql.query<OperationRow>(`select ${COLUMNS} from operations where id = $1 and workspace_id = $2`, [
    id,
    workspaceId,
  ]);
  const [operation] = rows;
  if (operation === undefined) throw noOperation(id);
  return { operation, steps: await stepsOf(sql, id) };
}

async function list(sql: Sql, { workspaceId, status, limit, after }: OperationQuery): Promise<readonly OperationRow[]> {
  const { rows } = await sql.query<OperationRow>(
    `select ${COLUMNS} from operations
     where workspace_id = $1 and ($2::text is null or status = $2)
       and ($3::text is null or (created_at, id) < (select created_at, id from operations where id = $3 and workspace_id = $1))
     order by created_at desc, id desc limit $4`,
    [workspaceId, status, after, limit],
  );
  return rows;
}

async function claim(sql: Sql): Promise<OperationRow | null> {
  const { rows } = await sql.query<OperationRow>(
    `update operations set claims = claims + 1, lease_until = now() + ${LEASE}, started_at = coalesce(started_at, now())
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

async function stepsOf(sql: Sql, id: string): Promise<readonly StepRow[]> {
  return (await sql.query<StepRow>(`select ${STEP_COLUMNS} from operation_steps where operation_id = $1 order by step`, [id])).rows;
}

async function counts(sql: Sql): ReturnType<OperationStore['counts']> {
  const { rows } = await sql.query<OpenCounts & { workspace_id: string }>(
    `select workspace_id, count(*) filter (where status in (${OPEN}))::int as active,
       count(*) filter (where status = 'escalating')::int as escalated
     from operations where status in (${OPEN}, 'escalating') group by workspace_id`,
  );
  return new Map(rows.map(({ workspace_id: workspaceId, active, escalated }) => [workspaceId, { active, escalated }]));
}

async function moveOn(sql: Sql, operation: OperationRow, move: Move): Promise<OperationRow> {
  if (!canMove(operation.status, move.to)) throw new Error(`an operation cannot go from ${operation.status} to ${move.to}`);
  const { rows } = await sql.query<OperationRow>(
    `update operations set status = $3, result = coalesce($4, result), error = coalesce($5, error), confidence = coalesce($6, confidence),
       version = version + 1, updated_at = now(), lease_until = now() + ${LEASE},
       finished_at = case when $3 in ('completed', 'failed', 'escalating') then now() end
     where id = $1 and status = $2 and claims = $7 returning ${COLUMNS}`,
    [
      operation.id,
      operation.status,
      move.to,
      move.result === undefined ? null : JSON.stringify(move.result),
      move.error ?? null,
      move.confidence ?? null,
      operation.claims,
    ],
  );
  const [moved] = rows;
  if (moved === undefined) throw takenOver(operation);
  return moved;
}
