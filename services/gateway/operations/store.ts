import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import type { OperationType, PlannedStep } from './plans.ts';
import { OPEN_STATUSES, OPERATION_TRANSITIONS, type OperationStatus } from './states.ts';

export interface OperationRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly type: OperationType;
  readonly status: OperationStatus;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
  readonly deadline_at: Date;
  readonly result: unknown;
  readonly error: string | null;
  readonly confidence: number | null;
  readonly tokens: number;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export interface StepRow extends PlannedStep {
  readonly step: number;
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'skipped';
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly confidence: number | null;
  readonly error: string | null;
  readonly execution_time_ms: number | null;
}

export interface NewOperation {
  readonly id: string;
  readonly workspaceId: string;
  readonly type: OperationType;
  readonly priority: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

export interface Move {
  readonly to: OperationStatus;
  readonly result?: unknown;
  readonly error?: string;
  readonly confidence?: number;
  readonly tokens?: number;
}

export interface StepOutcome {
  readonly step: number;
  readonly status: 'completed' | 'failed' | 'skipped';
  readonly result?: unknown;
  readonly confidence?: number;
  readonly error?: string;
  readonly executionTimeMs: number;
}

export interface OperationStore {
  /** @throws ServiceError rate_limited when too many are open. */
  create(operation: NewOperation): Promise<OperationRow>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<{ readonly operation: OperationRow; readonly steps: readonly StepRow[] }>;
  /** Takes an open operation that nobody works on, or whose runner is gone; null when there is none. */
  claim(): Promise<OperationRow | null>;
  /** Moves on if it is still in `from`, and keeps the claim. @throws when it was moved by somebody else or the move is illegal. */
  move(operation: OperationRow, move: Move): Promise<OperationRow>;
  plan(id: string, steps: readonly PlannedStep[]): Promise<readonly StepRow[]>;
  finishStep(id: string, outcome: StepOutcome): Promise<void>;
  escalate(id: string, reason: string, confidence: number): Promise<void>;
  escalations(workspaceId: string): Promise<readonly unknown[]>;
  counts(): Promise<{ readonly active: number; readonly escalated: number }>;
}

const MAX_OPEN = 500;
/** A runner that has not written for this long is taken for dead. Longer than any one step may take. */
const LEASE = `interval '35 seconds'`;
const OPEN = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
const COLUMNS = `id, workspace_id, type, status, parameters, metadata, deadline_at, result, error, confidence, tokens, version,
  created_at, started_at, finished_at, updated_at`;
const STEP_COLUMNS = 'step, worker, action, status, result, confidence, error, execution_time_ms';

export function createOperationStore(pool: Pool): OperationStore {
  const sql = pool as Sql;
  return {
    create: (operation) => create(sql, operation),
    get: async (workspaceId, id) => {
      const { rows } = await sql.query<OperationRow>(`select ${COLUMNS} from operations where id = $1 and workspace_id = $2`, [id, workspaceId]);
      const [operation] = rows;
      if (operation === undefined) throw new ServiceError('not_found', `no operation has the id "${id.slice(0, 64)}"`);
      return { operation, steps: await stepsOf(sql, id) };
    },
    claim: async () => {
      const { rows } = await sql.query<OperationRow>(
        `update operations set lease_until = now() + ${LEASE}, started_at = coalesce(started_at, now())
         where id = (select id from operations where status in (${OPEN}) and lease_until < now()
                     order by priority desc, created_at limit 1 for update skip locked)
         returning ${COLUMNS}`,
      );
      return rows[0] ?? null;
    },
    move: (operation, move) => moveOn(sql, operation, move),
    plan: async (id, steps) => {
      await sql.query(
        `insert into operation_steps (operation_id, step, worker, action, status)
         select $1, ordinality, worker, action, 'pending' from rows from (unnest($2::text[]), unnest($3::text[])) with ordinality as t (worker, action)
         on conflict do nothing`,
        [id, steps.map(({ worker }) => worker), steps.map(({ action }) => action)],
      );
      return stepsOf(sql, id);
    },
    finishStep: (id, outcome) => finishStep(pool, id, outcome),
    escalate: async (id, reason, confidence) => {
      await sql.query('insert into escalations (operation_id, reason, confidence) values ($1, $2, $3) on conflict do nothing', [id, reason, confidence]);
    },
    escalations: async (workspaceId) => {
      const join = 'from escalations e join operations o on o.id = e.operation_id';
      const columns = 'e.operation_id, o.type as operation_type, e.reason, e.confidence, e.created_at';
      return (await sql.query(`select ${columns} ${join} where o.workspace_id = $1 and o.status = 'escalating' order by e.created_at desc limit 200`, [workspaceId])).rows;
    },
    counts: async () => {
      const { rows } = await sql.query<{ active: number; escalated: number }>(
        `select count(*) filter (where status in (${OPEN}))::int as active, count(*) filter (where status = 'escalating')::int as escalated
         from operations where status in (${OPEN}, 'escalating')`,
      );
      return rows[0] ?? { active: 0, escalated: 0 };
    },
  };
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
  if (created === undefined) throw new ServiceError('rate_limited', `${MAX_OPEN} operations are open, which is the limit`, { retryAfterMs: 2000 });
  return created;
}

async function moveOn(sql: Sql, operation: OperationRow, move: Move): Promise<OperationRow> {
  if (!OPERATION_TRANSITIONS[operation.status].includes(move.to)) throw new Error(`an operation cannot go from ${operation.status} to ${move.to}`);
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
