import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../shared/endpoint.ts';
import { within } from '../shared/fresh.ts';
import { ServiceError } from '../shared/service-error.ts';
import type { Outcome, Role } from './role.ts';

const EXAMPLE = { records: [{ id: 'a', name: 'Sunshine Holdings LLC', amount: 3 }] };

/** @param operations what the worker can do; the document says it as examples. */
function inputOf(operations: readonly string[]) {
  return z.strictObject({
    operation: z
      .string()
      .min(1)
      .max(64)
      .meta({ examples: [...operations] }),
    operation_id: z.string().min(1).max(64).optional(),
    parameters: z
      .record(z.string().max(64), z.unknown())
      .meta({ examples: [EXAMPLE] })
      .default({}),
    deadline_ms: z.int().min(1).max(3_600_000).default(30_000),
  });
}

const count = z.int().min(0);
const health = z.object({
  status: z.literal('healthy'),
  service: z.literal('worker'),
  role: z.string(),
  pid: z.int(),
  operations: z.array(z.string()),
  active_operations: count,
});
const outcome = z
  .object({
    operation_id: z.string(),
    worker: z.string(),
    status: z.literal('completed'),
    result: z.record(z.string(), z.unknown()),
    confidence: z.number().min(0).max(1),
    error: z.null(),
    execution_time_ms: z.number().min(0),
    tokens_used: count,
    /** `tokens_used`, taken apart. */
    usage: z.object({ prompt_tokens: count, completion_tokens: count }),
  })
  .meta({ id: 'WorkerOutcome' });

export function workerEndpoints(worker: string, role: Role): readonly Endpoint[] {
  let active = 0;
  const run = async (given: z.infer<ReturnType<typeof inputOf>>): Promise<z.infer<typeof outcome>> => {
    const operation = Object.hasOwn(role, given.operation) ? role[given.operation] : undefined;
    if (operation === undefined) {
      const known = Object.keys(role).join(', ');
      throw new ServiceError('unknown_operation', `${worker} has no operation "${given.operation}"; it has ${known}`);
    }
    const operationId = given.operation_id ?? randomUUID();
    const startedAtMs = performance.now();
    active++;
    try {
      const work = operation.run(given.parameters, { operationId, deadlineAtMs: startedAtMs + given.deadline_ms });
      return toOutcome(worker, operationId, { ...(await within(work, given.deadline_ms)), tookMs: performance.now() - startedAtMs });
    } finally {
      active--;
    }
  };
  const describe = (): z.infer<typeof health> => {
    const own = { status: 'healthy', service: 'worker', role: worker, pid: process.pid } as const;
    return { ...own, operations: Object.keys(role), active_operations: active };
  };
  return endpointsOf(describe, run);
}

function endpointsOf(
  describe: () => z.infer<typeof health>,
  run: (given: z.infer<ReturnType<typeof inputOf>>) => Promise<z.infer<typeof outcome>>,
): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/health',
      summary: 'Whether the worker is well, and what it can do',
      tag: 'health',
      answers: { 200: health },
      open: true,
      handle: () => json(200, describe()),
    }),
    endpoint({
      method: 'post',
      path: '/operations',
      summary: 'Do one operation and answer with what came of it',
      tag: 'operations',
      body: inputOf(describe().operations),
      answers: { 200: outcome },
      errors: ['unknown_operation'],
      handle: async ({ body }) => json(200, await run(body)),
    }),
  ];
}

function toOutcome(worker: string, operationId: string, done: Outcome & { readonly tookMs: number }): z.infer<typeof outcome> {
  const { promptTokens, completionTokens } = done.usage ?? { promptTokens: 0, completionTokens: 0 };
  return {
    operation_id: operationId,
    worker,
    status: 'completed',
    result: { ...done.result },
    confidence: done.confidence,
    error: null,
    execution_time_ms: done.tookMs,
    tokens_used: promptTokens + completionTokens,
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens },
  };
}
