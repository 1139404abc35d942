import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { needingRedis } from '../redis/errors.ts';
import { itemsOf, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { AnswerCache } from './cache.ts';
import type { Executor } from './executor.ts';
import { executeInput, toRequest } from './input.ts';
import { PATTERNS } from './registry.ts';

const agentId = z.string().min(1).max(64);
const ms = z.number().min(0);
const patternType = z.enum(['infrastructure', 'memory', 'hybrid']);

const execution = z
  .object({
    execution_id: uuid,
    success: z.literal(true),
    pattern_name: z.string(),
    pattern_type: patternType,
    result: z.object({ query: z.string(), text: z.string() }),
    execution_time_ms: ms,
    stage_ms: z.object({ match: ms, lookup: ms, route: ms, execute: ms, store: ms }),
    tokens_used: z.int().min(0),
    tokens_baseline: z.int().min(0),
    cache_hit: z.boolean(),
    cache_tier: z.enum(['none', 'local', 'shared']),
    degraded: z.array(z.enum(['cache'])),
    error: z.null(),
  })
  .meta({ id: 'Execution' });
const pattern = z.object({ name: z.string(), type: patternType, priority: z.int(), cache_ttl_s: z.int().min(0) }).meta({ id: 'Pattern' });

const text = z.string().min(1).max(256);
/** A union, not a refinement: the document says it too. */
const invalidation = z.union([z.strictObject({ key: text }), z.strictObject({ prefix: text })]);

const common = { tag: 'patterns' } as const;

export function patternEndpoints(executor: Executor, cache: AnswerCache): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/patterns/execute',
      summary: 'Answer a query with the pattern that takes it',
      headers: { ...WORKSPACE_HEADER, 'X-Agent-Id': agentId },
      body: executeInput,
      answers: { 200: execution },
      errors: ['no_match', 'circuit_open'],
      handle: async (call) =>
        json(200, await executor.execute(toRequest(call.body, workspaceFor(call), headerValue(call, 'x-agent-id', agentId) ?? null))),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/patterns',
      summary: 'The patterns there are',
      answers: { 200: itemsOf(pattern) },
      handle: () =>
        json(200, {
          items: PATTERNS.map(({ name, type, priority, cacheTtlSeconds }) => ({ name, type, priority, cache_ttl_s: cacheTtlSeconds })),
        }),
    }),
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/cache/invalidate',
      summary: 'Forget cached answers of the workspace, by key (`cache:exec:{workspace}:{sha256}`) or by the beginning of it',
      headers: WORKSPACE_HEADER,
      body: invalidation,
      answers: { 200: z.object({ invalidated: z.int().min(0) }) },
      handle: async (call) => json(200, { invalidated: await needingRedis(() => cache.invalidate(workspaceFor(call), call.body)) }),
    }),
  ];
}
