import type { Sql } from '../database/pool.ts';
import type { OperationRow, StepOutcome } from './operation.ts';
import { LEASE } from './rows.ts';

export const STEP_COLUMNS = 'step, worker, action, status, result, confidence, error, execution_time_ms';

/** false when the claim is no longer held. */
export async function startStep(sql: Sql, { id, claims }: OperationRow, step: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `with held as (update operations set lease_until = now() + ${LEASE} where id = $1 and claims = $3 returning id),
       started as (update operation_steps s set status = 'running' from held where s.operation_id = held.id and step = $2 and status = 'pending')
     select from held`,
    [id, step, claims],
  );
  return rowCount === 1;
}

/**
 * One transaction: the tokens that the step took, the operation's sum of the ledger, and the step.
 * @returns false when the claim is no longer held: the tokens were spent all the same, the step is another's.
 */
export async function finishStep(sql: Sql, operation: OperationRow, outcome: StepOutcome): Promise<boolean> {
  const { id, workspace_id: workspaceId, claims } = operation;
  const { promptTokens, completionTokens } = outcome;
  if (promptTokens + completionTokens > 0) {
    await sql.query(
      `insert into token_ledger (op_id, workspace_id, kind, prompt, completion, source) values ($1, $2, 'operation', $3, $4, 'worker')`,
      [id, workspaceId, promptTokens, completionTokens],
    );
  }
  const { rows } = await sql.query<{ held: boolean }>(
    `update operations set tokens = (select coalesce(sum(prompt + completion), 0) from token_ledger where op_id = $1),
       lease_until = case when claims = $2 then now() + ${LEASE} else lease_until end
     where id = $1 returning claims = $2 as held`,
    [id, claims],
  );
  if (rows[0]?.held !== true) return false;
  await keepOutcome(sql, id, outcome);
  return true;
}

async function keepOutcome(sql: Sql, id: string, outcome: StepOutcome): Promise<void> {
  await sql.query(
    `update operation_steps set status = $3, result = $4, confidence = $5, error = $6, execution_time_ms = $7
     where operation_id = $1 and step = $2 and status in ('pending', 'running')`,
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
}
