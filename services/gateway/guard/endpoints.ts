import { z } from 'zod';
import type { Actor } from '../../shared/actor.ts';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { byId, itemsOf, time, uuid } from '../schemas.ts';
import type { Keys } from './keys.ts';

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(128),
  /** The only workspace the key may use; any when it is left out. */
  workspace_id: uuid.optional(),
});

const info = {
  id: uuid,
  name: z.string(),
  workspace_id: uuid.nullable(),
  admin: z.boolean(),
  created_at: time,
  revoked_at: time.nullable(),
};
const keyInfo = z.object(info).meta({ id: 'ApiKey' });
const createdKey = z.object({ ...info, key: z.string() }).meta({ id: 'CreatedApiKey' });
const revokedKey = z.object({ id: uuid, status: z.literal('revoked') });

const common = { tag: 'access', errors: ['forbidden'] as const };

/** Keys are made and revoked by whoever has the first one; each key is shown once. */
export function keyEndpoints(keys: Keys): readonly Endpoint[] {
  return [listed(keys), made(keys), revoked(keys)];
}

function listed(keys: Keys): Endpoint {
  return endpoint({
    ...common,
    method: 'get',
    path: '/api/v1/api-keys',
    summary: 'All keys, newest first, without the keys themselves',
    answers: { 200: itemsOf(keyInfo) },
    handle: async ({ actor }) => {
      requireAdmin(actor);
      return json(200, { items: await keys.list() });
    },
  });
}

function made(keys: Keys): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/api-keys',
    summary: 'Make a key; this answer is the only place where it is shown',
    body: newKey,
    answers: { 201: createdKey },
    errors: ['forbidden', 'already_exists', 'concurrency_limit'],
    handle: async ({ actor, body }) => {
      requireAdmin(actor);
      return json(201, await keys.create({ name: body.name, workspaceId: body.workspace_id ?? null }));
    },
  });
}

function revoked(keys: Keys): Endpoint {
  return endpoint({
    ...common,
    method: 'delete',
    path: '/api/v1/api-keys/{id}',
    summary: 'Revoke a key; within 5 s it opens nothing any more, and the WebSockets that it opened are closed',
    params: byId,
    answers: { 200: revokedKey },
    handle: async ({ actor, params }) => {
      requireAdmin(actor);
      await keys.revoke(params.id);
      return json(200, { id: params.id, status: 'revoked' });
    },
  });
}

function requireAdmin(actor: Actor): void {
  if (actor.admin) return;
  throw new ServiceError('forbidden', actor.keyId === null ? 'keys are managed only while AUTH is on' : 'only the first key manages keys');
}
