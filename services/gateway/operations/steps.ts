import type { Sql } from '../database/pool.ts';
import type { OperationRow, StepOutcome } from './operation.ts';
import { LEASE } from './rows.ts';

export const STEP_COLUMNS = 'step, worker, action, status, result, confidence, error, execution_time_ms';

/** One transaction: the step, the tokens it took, and the operation's sum of the ledger. */
export async function finishStep(sql: Sql, { id, workspace_id: workspaceId }: OperationRow, outcome: StepOutcome): Promise<void> {
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
  const { promptTokens, completionTokens } = outcome;
  if (promptTokens + completionTokens > 0) {
    await sql.query(
      `insert into token_ledger (op_id, workspace_id, kind, prompt, completion, source) values ($1, $2, 'operation', $3, $4, 'worker')`,
      [id, workspaceId, promptTokens, completionTokens],
    );
  }
  await sql.query(
    `update operations set lease_until = now() + ${LEASE},
       tokens = (select coalesce(sum(prompt + completion), 0) from token_ledger where op_id = $1) where id = $1`,
    [id],
  );
}
