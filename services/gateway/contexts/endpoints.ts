import { z } from 'zod';
import { endpoint, headerValue, json, type Call, type Endpoint } from '../../shared/endpoint.ts';
import { byId, IDEMPOTENCY_HEADER, idempotencyKey, pageOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { ContextKey, Contexts } from './contexts.ts';

const MAX_VERSION = 2 ** 31 - 1;
/** A version may be as large as a request body. */
const VERSIONS_PER_PAGE = 50;

const name = z.string().trim().min(1).max(128);
const version = z.int().min(1).max(MAX_VERSION);
const writer = z.string().trim().min(1).max(128);
const data = z.record(z.string(), z.unknown());

const byName = z.object({ name: name.default('default') });
const versionsQuery = byName.extend({
  limit: z.coerce.number().int().min(1).max(VERSIONS_PER_PAGE).default(20),
  cursor: z.coerce.number().int().min(1).max(MAX_VERSION).optional(),
});
const contextWrite = z.strictObject({
  name: name.default('default'),
  data,
  /** 0: there must be none yet. */
  expected_version: z.int().min(0).max(MAX_VERSION).optional(),
  change_description: z.string().trim().min(1).max(500).optional(),
  created_by: writer.optional(),
});
const contextRollback = z.strictObject({ name: name.default('default'), target_version: version, created_by: writer.optional() });

const fields = { version, data, change_description: z.string().nullable(), created_by: z.string(), created_at: time };
const context = z.object({ id: uuid, agent_id: uuid, name: z.string(), ...fields, updated_at: time }).meta({ id: 'Context' });
const contextVersion = z.object({ context_id: uuid, ...fields }).meta({ id: 'ContextVersion' });

const common = { tag: 'contexts', headers: WORKSPACE_HEADER, params: byId } as const;

export function contextEndpoints(contexts: Contexts): readonly Endpoint[] {
  return [...reading(contexts), writing(contexts), rollingBack(contexts)];
}

function reading(contexts: Contexts): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/agents/{id}/context',
      summary: 'What the agent keeps under the name',
      query: byName,
      answers: { 200: context },
      handle: async (call) => json(200, await contexts.get(keyOf(call, call.query.name))),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/agents/{id}/context/versions',
      summary: 'All versions of a context, newest first',
      query: versionsQuery,
      answers: { 200: pageOf(contextVersion) },
      handle: async (call) => {
        const { limit, cursor, name: wanted } = call.query;
        const found = await contexts.versions({ ...keyOf(call, wanted), limit, before: cursor });
        const last = found.at(-1);
        // There is no gap: only version 1 has nothing before it.
        const next = found.length === limit && last !== undefined && last.version > 1 ? String(last.version) : null;
        return json(200, { items: found, next_cursor: next });
      },
    }),
  ];
}

function writing(contexts: Contexts): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/agents/{id}/context',
    summary: 'Write the next version of a context',
    headers: { ...WORKSPACE_HEADER, ...IDEMPOTENCY_HEADER },
    body: contextWrite,
    answers: { 200: context },
    errors: ['version_conflict', 'idempotency_conflict'],
    handle: async (call) => {
      const written = await contexts.write({
        ...keyOf(call, call.body.name),
        data: call.body.data,
        expectedVersion: call.body.expected_version,
        changeDescription: call.body.change_description,
        createdBy: call.body.created_by ?? call.actor.name,
        idempotencyKey: headerValue(call, 'idempotency-key', idempotencyKey),
      });
      return json(200, written);
    },
  });
}

function rollingBack(contexts: Contexts): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/agents/{id}/context/rollback',
    summary: 'Write the data of an earlier version as a new one',
    body: contextRollback,
    answers: { 200: context },
    errors: ['unknown_version'],
    handle: async (call) => {
      const { name: wanted, target_version: targetVersion, created_by: author } = call.body;
      return json(200, await contexts.rollback({ ...keyOf(call, wanted), targetVersion, createdBy: author ?? call.actor.name }));
    },
  });
}

function keyOf(call: Call<{ readonly id: string }, unknown, unknown>, contextName: string): ContextKey {
  return { workspaceId: workspaceFor(call), agentId: call.params.id, name: contextName };
}
