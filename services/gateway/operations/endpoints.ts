import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { IDEMPOTENCY_HEADER, idempotencyKey, pageOf, time } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { Escalations } from './escalations.ts';
import type { NewOperation, OperationRow, OperationStore } from './operation.ts';
import { OPERATION_TYPES, type Planner } from './plans.ts';
import { OPERATION_STATUSES } from './states.ts';
import { operationSchema, operationSummarySchema, toOperation, toSummary } from './view.ts';

const anything = z.record(z.string().max(128), z.unknown()).default({});
const newOperation = z.strictObject({
  operation_type: z.enum(OPERATION_TYPES),
  parameters: anything,
  priority: z.int().min(1).max(10).default(5),
  timeout_seconds: z.int().min(10).max(3600).default(300),
  /** Without it a result of low confidence is taken as it is. */
  require_validation: z.boolean().default(true),
  metadata: anything,
});
const operationId = z.string().min(1).max(64);
const page = z.object({
  status: z.enum(OPERATION_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: operationId.optional(),
});
const resolution = z.strictObject({ decision: z.enum(['approve', 'reject']), by: z.string().trim().min(1).max(128) });
const escalation = z.object({
  operation_id: z.string(),
  operation_type: z.enum(OPERATION_TYPES),
  reason: z.string(),
  confidence: z.number().min(0).max(1),
  created_at: time,
});
const byId = z.object({ id: operationId });

export interface OperationParts {
  readonly store: OperationStore;
  readonly escalations: Escalations;
  readonly planner: Planner;
  /** Called after a new operation was committed. */
  readonly created: (operation: OperationRow) => void;
  /** Called after a person moved one. */
  readonly resolved: (operation: OperationRow) => Promise<void>;
}

const common = { tag: 'operations', headers: WORKSPACE_HEADER } as const;

export function operationEndpoints(parts: OperationParts): readonly Endpoint[] {
  return [...creating(parts), ...reading(parts), ...escalating(parts)];
}

function creating({ store, planner, created }: OperationParts): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      headers: { ...WORKSPACE_HEADER, ...IDEMPOTENCY_HEADER },
      method: 'post',
      path: '/operations',
      summary: 'Start an operation; sent twice with one key, it is started once',
      body: newOperation,
      answers: { 202: operationSchema },
      errors: ['idempotency_conflict'],
      handle: async (call) => {
        planner(call.body.operation_type, call.body.parameters);
        const key = headerValue(call, 'idempotency-key', idempotencyKey) ?? null;
        const made = await store.create(toNew(call.body, workspaceFor(call), key));
        if (made.created) created(made.operation);
        return json(202, toOperation(made.operation, []));
      },
    }),
  ];
}

function reading({ store }: OperationParts): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/operations',
      summary: 'Operations of the workspace, newest first',
      query: page,
      answers: { 200: pageOf(operationSummarySchema) },
      handle: async (call) => {
        const { status = null, limit, cursor = null } = call.query;
        const rows = await store.list({ workspaceId: workspaceFor(call), status, limit, after: cursor });
        return json(200, { items: rows.map(toSummary), next_cursor: rows.length < limit ? null : (rows.at(-1)?.id ?? null) });
      },
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/operations/{id}',
      summary: 'One operation with its steps',
      params: byId,
      answers: { 200: operationSchema },
      handle: async (call) => {
        const { operation, steps } = await store.get(workspaceFor(call), call.params.id);
        return json(200, toOperation(operation, steps));
      },
    }),
  ];
}

function escalating({ store, escalations, resolved }: OperationParts): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/escalations',
      summary: 'Operations that wait for a person, newest first',
      answers: { 200: z.object({ escalations: z.array(escalation) }) },
      handle: async (call) => json(200, { escalations: await escalations.open(workspaceFor(call)) }),
    }),
    endpoint({
      ...common,
      method: 'post',
      path: '/escalations/{id}/resolve',
      summary: 'Decide about an operation that waits: approved it is completed, rejected it has failed',
      params: byId,
      body: resolution,
      answers: { 200: operationSchema },
      errors: ['invalid_transition'],
      handle: async (call) => {
        const operation = await escalations.resolve(workspaceFor(call), call.params.id, call.body);
        await resolved(operation);
        const { steps } = await store.get(operation.workspace_id, operation.id);
        return json(200, toOperation(operation, steps));
      },
    }),
  ];
}

function toNew(input: z.infer<typeof newOperation>, workspaceId: string, key: string | null): NewOperation {
  return {
    id: newOperationId(new Date()),
    workspaceId,
    type: input.operation_type,
    priority: input.priority,
    parameters: input.parameters,
    metadata: input.metadata,
    requireValidation: input.require_validation,
    timeoutMs: input.timeout_seconds * 1000,
    idempotencyKey: key,
  };
}

/** `op-YYYYMMDD-HHMMSS-8hex`, UTC. */
export function newOperationId(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `op-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(4).toString('hex')}`;
}
