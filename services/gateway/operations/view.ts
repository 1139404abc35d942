import { z } from 'zod';
import { time } from '../schemas.ts';
import { CONFIDENCE_THRESHOLD } from './confidence.ts';
import { STEP_STATUSES, type OperationRow, type StepRow } from './operation.ts';
import { OPERATION_TYPES } from './plans.ts';
import { OPERATION_STATUSES } from './states.ts';

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const summary = {
  operation_id: z.string(),
  operation_type: z.enum(OPERATION_TYPES),
  status: z.enum(OPERATION_STATUSES),
  result: z.object({ steps_executed: count, steps_successful: count, steps_failed: count, results: z.array(z.unknown()) }).nullable(),
  error: z.string().nullable(),
  confidence_score: share.nullable(),
  requires_human: z.boolean(),
  execution_time_ms: z.number().min(0).nullable(),
  /** Sum of the token ledger. */
  token_usage: count,
  metadata: z.record(z.string(), z.unknown()),
  version: z.int().min(1),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  updated_at: time,
};
const step = z.object({
  step: z.int().min(1),
  worker: z.string(),
  action: z.string(),
  status: z.enum(STEP_STATUSES),
  error: z.string().nullable(),
  execution_time_ms: z.number().min(0).nullable(),
});

export const operationSummarySchema = z.object(summary).meta({ id: 'OperationSummary' });
export const operationSchema = z.object({ ...summary, steps: z.array(step) }).meta({ id: 'Operation' });

export function toSummary(operation: OperationRow): Readonly<Record<string, unknown>> {
  const { started_at: startedAt, finished_at: finishedAt, confidence } = operation;
  return {
    operation_id: operation.id,
    operation_type: operation.type,
    status: operation.status,
    result: operation.result,
    error: operation.error,
    confidence_score: confidence,
    requires_human: confidence !== null && confidence < CONFIDENCE_THRESHOLD,
    execution_time_ms: startedAt !== null && finishedAt !== null ? finishedAt.getTime() - startedAt.getTime() : null,
    token_usage: operation.tokens,
    metadata: operation.metadata,
    version: operation.version,
    created_at: operation.created_at,
    started_at: startedAt,
    finished_at: finishedAt,
    updated_at: operation.updated_at,
  };
}

export function toOperation(operation: OperationRow, steps: readonly StepRow[]): Readonly<Record<string, unknown>> {
  return { ...toSummary(operation), steps: steps.map(toStep) };
}

/** Without the result: the operation has all of them in its own. */
function toStep({ step: number, worker, action, status, error, execution_time_ms: executionTimeMs }: StepRow): z.infer<typeof step> {
  return { step: number, worker, action, status, error, execution_time_ms: executionTimeMs };
}
