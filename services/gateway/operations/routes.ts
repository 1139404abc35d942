import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../shared/http-app.ts';
import { readBody } from '../../shared/read-input.ts';
import { workspaceOf } from '../workspace.ts';
import { OPERATION_TYPES, planOf } from './plans.ts';
import { CONFIDENCE_THRESHOLD } from './runner.ts';
import type { OperationRow, OperationStore, StepRow } from './operation.ts';

const newOperation = z.strictObject({
  operation_type: z.enum(OPERATION_TYPES),
  parameters: z.record(z.string(), z.unknown()).default({}),
  priority: z.int().min(1).max(10).default(5),
  timeout_seconds: z.int().min(10).max(3600).default(300),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

/** @param created called after a new operation was committed. */
export function operationRoutes(store: OperationStore, created: () => void): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.post('/operations', async (context) => {
    const input = await readBody(context, newOperation);
    planOf(input.operation_type, input.parameters);
    const operation = await store.create({
      id: operationId(new Date()),
      workspaceId: workspaceOf(context),
      type: input.operation_type,
      priority: input.priority,
      parameters: input.parameters,
      metadata: input.metadata,
      timeoutMs: input.timeout_seconds * 1000,
    });
    created();
    return context.json(toOperation(operation, []), 202);
  });
  routes.get('/operations/:id', async (context) => {
    const { operation, steps } = await store.get(workspaceOf(context), context.req.param('id'));
    return context.json(toOperation(operation, steps));
  });
  routes.get('/escalations', async (context) => context.json({ escalations: await store.escalations(workspaceOf(context)) }));
  return routes;
}

/** `op-YYYYMMDD-HHMMSS-8hex`, UTC. */
export function operationId(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `op-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(4).toString('hex')}`;
}

function toOperation(operation: OperationRow, steps: readonly StepRow[]): Readonly<Record<string, unknown>> {
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
    steps: steps.map(toStep),
    version: operation.version,
    created_at: operation.created_at,
    started_at: startedAt,
    finished_at: finishedAt,
    updated_at: operation.updated_at,
  };
}

/** Without the result: the operation has all of them in its own. */
function toStep({ step, worker, action, status, error, execution_time_ms: executionTimeMs }: StepRow): Readonly<Record<string, unknown>> {
  return { step, worker, action, status, error, execution_time_ms: executionTimeMs };
}
