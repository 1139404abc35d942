import { z } from 'zod';
import { endpoint, headerValue, json, type Call, type Endpoint } from '../../shared/endpoint.ts';
import { byId, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import { DIMENSIONS } from './embedding.ts';
import type { Memories, MemoryCaller, MemorySearch } from './memories.ts';

const ACCESS = ['private', 'team', 'shared'] as const;

export const newMemory = z.strictObject({
  content: z.string().min(1).max(8000),
  importance: z.number().min(0).max(1).default(0.5),
  tags: z.array(z.string().min(1).max(64)).max(20).default([]),
  /** Private: for the agent that stored it. Team and shared: for every agent of the workspace. */
  access: z.enum(ACCESS).default('private'),
});

const howFar = { limit: z.int().min(1).max(100).default(10), max_distance: z.number().min(0).max(2).optional() };
export const searchByQuery = z.strictObject({ query: z.string().min(1).max(2000), ...howFar });
const searchByEmbedding = z.strictObject({ embedding: z.array(z.number().min(-1e6).max(1e6)).length(DIMENSIONS), ...howFar });
/** A union, not a refinement: the document says it too. */
export const memorySearch = z.union([searchByQuery, searchByEmbedding]);

const memory = z
  .object({
    id: uuid,
    content: z.string(),
    importance: z.number().min(0).max(1),
    tags: z.array(z.string()),
    access: z.enum(ACCESS),
    /** The agent or key that stored it. */
    owner: z.string().nullable(),
    created_at: time,
  })
  .meta({ id: 'Memory' });
const found = z.object({ id: uuid, content: z.string(), distance: z.number() });
const foundItems = z.object({ items: z.array(found), took_ms: z.number().min(0), plan: z.enum(['index', 'seq']) });

const agentName = z.string().min(1).max(64);
const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters');

const common = { tag: 'memories', headers: { ...WORKSPACE_HEADER, 'X-Agent-Id': agentName } } as const;

export function toSearch(input: z.infer<typeof memorySearch>): MemorySearch {
  const by = 'query' in input ? { query: input.query } : { embedding: input.embedding };
  return { by, limit: input.limit, maxDistance: input.max_distance ?? null };
}

export function memoryEndpoints(memories: Memories): readonly Endpoint[] {
  return [storing(memories), searching(memories), ...byItsId(memories)];
}

function storing(memories: Memories): Endpoint {
  return endpoint({
    ...common,
    headers: { ...common.headers, 'Idempotency-Key': idempotencyKey },
    method: 'post',
    path: '/api/v1/memories',
    summary: 'Keep a text',
    body: newMemory,
    answers: { 200: memory, 201: memory },
    errors: ['not_supported', 'idempotency_conflict'],
    handle: async (call) => {
      const key = headerValue(call, 'idempotency-key', idempotencyKey) ?? null;
      const { memory: stored, created } = await memories.store(callerOf(call), call.body, key);
      return json(created ? 201 : 200, stored);
    },
  });
}

function searching(memories: Memories): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/memories/search',
    summary: 'The kept texts nearest to a query or to an embedding',
    body: memorySearch,
    answers: { 200: foundItems },
    errors: ['not_supported'],
    handle: async (call) => {
      const startedAtMs = performance.now();
      const { items, plan } = await memories.search(callerOf(call), toSearch(call.body));
      return json(200, { items, took_ms: performance.now() - startedAtMs, plan });
    },
  });
}

function byItsId(memories: Memories): readonly Endpoint[] {
  const one = { ...common, path: '/api/v1/memories/{id}', params: byId, answers: { 200: memory }, errors: ['not_supported'] } as const;
  return [
    endpoint({
      ...one,
      method: 'get',
      summary: 'One memory',
      handle: async (call) => json(200, await memories.get(callerOf(call), call.params.id)),
    }),
    endpoint({
      ...one,
      method: 'delete',
      summary: 'Forget a memory; answers with what is gone',
      handle: async (call) => json(200, await memories.remove(callerOf(call), call.params.id)),
    }),
  ];
}

/** An agent is taken at its word within the workspace; the workspace is the wall. */
function callerOf(call: Call<unknown, unknown, unknown>): MemoryCaller {
  const agent = headerValue(call, 'x-agent-id', agentName);
  return { workspaceId: workspaceFor(call), owner: agent ?? call.actor.keyId };
}
