import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../shared/http-app.ts';
import { parseInput, readBody } from '../../shared/read-input.ts';
import { needingRedis } from '../redis/errors.ts';
import { workspaceOf } from '../workspace.ts';
import type { AnswerCache } from './cache.ts';
import type { ExecuteRequest, Executor } from './executor.ts';
import { EXECUTION_MODES } from './prompt.ts';
import { PATTERNS } from './registry.ts';

const DEFAULT_TIMEOUT_MS = 3000;

const executeInput = z.strictObject({
  query: z.string().min(1).max(2000),
  execution_mode: z.enum(EXECUTION_MODES).default('balanced'),
  use_cache: z.boolean().default(true),
  timeout_ms: z.int().min(1).max(30_000).default(DEFAULT_TIMEOUT_MS),
  context: z.record(z.string(), z.unknown()).optional(),
});

const invalidation = z
  .strictObject({ key: z.string().min(1).max(256).optional(), prefix: z.string().min(1).max(256).optional() })
  .refine((input) => (input.key === undefined) !== (input.prefix === undefined), { message: 'give either key or prefix' });

const agentName = z.string().min(1).max(64).optional();

/** Reads the input that HTTP and JSON-RPC share. */
export function readExecuteInput(input: unknown, workspaceId: string, agentId: string | null): ExecuteRequest {
  return toRequest(parseInput(executeInput, input), workspaceId, agentId);
}

export function patternRoutes(executor: Executor, cache: AnswerCache): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.post('/patterns/execute', async (context) => {
    const agentId = parseInput(agentName, context.req.header('x-agent-id')) ?? null;
    return context.json(await executor.execute(toRequest(await readBody(context, executeInput), workspaceOf(context), agentId)));
  });
  routes.get('/patterns', (context) =>
    context.json({
      items: PATTERNS.map(({ name, type, priority, cacheTtlSeconds }) => ({ name, type, priority, cache_ttl_s: cacheTtlSeconds })),
    }),
  );
  routes.post('/cache/invalidate', async (context) => {
    const what = await readBody(context, invalidation);
    return context.json({ invalidated: await needingRedis(() => cache.invalidate(workspaceOf(context), what)) });
  });
  return routes;
}

function toRequest(input: z.infer<typeof executeInput>, workspaceId: string, agentId: string | null): ExecuteRequest {
  return {
    workspaceId,
    agentId,
    query: input.query,
    mode: input.execution_mode,
    useCache: input.use_cache,
    timeoutMs: input.timeout_ms,
    context: input.context,
  };
}
