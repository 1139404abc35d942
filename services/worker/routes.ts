import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { within } from '../shared/fresh.ts';
import type { AppEnv } from '../shared/http-app.ts';
import { readBody } from '../shared/read-input.ts';
import { ServiceError } from '../shared/service-error.ts';
import type { Role } from './role.ts';

const input = z.strictObject({
  operation: z.string().min(1).max(64),
  operation_id: z.string().min(1).max(64).optional(),
  parameters: z.record(z.string(), z.unknown()).default({}),
  deadline_ms: z.int().min(1).max(3_600_000).default(30_000),
});

export function workerRoutes(worker: string, role: Role): Hono<AppEnv> {
  let active = 0;
  const routes = new Hono<AppEnv>();
  routes.get('/health', (context) =>
    context.json({ status: 'healthy', service: 'worker', role: worker, pid: process.pid, active_operations: active }),
  );
  routes.post('/operations', async (context) => {
    const {
      operation: name,
      operation_id: operationId = randomUUID(),
      parameters,
      deadline_ms: deadlineMs,
    } = await readBody(context, input);
    const operation = Object.hasOwn(role, name) ? role[name] : undefined;
    if (operation === undefined) {
      throw new ServiceError('unknown_operation', `${worker} has no operation "${name}"; it has ${Object.keys(role).join(', ')}`);
    }
    const startedAtMs = performance.now();
    active++;
    try {
      const work = operation.run(parameters, { operationId, deadlineAtMs: startedAtMs + deadlineMs });
      const { result, confidence, tokensUsed = 0 } = await within(work, deadlineMs);
      const executionTimeMs = performance.now() - startedAtMs;
      const common = { operation_id: operationId, worker, status: 'completed', error: null };
      return context.json({ ...common, result, confidence, execution_time_ms: executionTimeMs, tokens_used: tokensUsed });
    } finally {
      active--;
    }
  });
  return routes;
}
