import { z } from 'zod';
import { endpoint, headerValue, json, type Call, type Endpoint } from '../../shared/endpoint.ts';
import { byId, IDEMPOTENCY_HEADER, idempotencyKey, pageOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { MessageQuery, Messages } from './messages.ts';

const PAGE_LIMIT = 200;
const TRANSCRIPT_LIMIT = 10_000;
const MAX_POSITION = 2 ** 31 - 1;

const direction = z.enum(['inbound', 'outbound', 'system']);
const correlationId = z.string().min(1).max(128);
/** Any JSON value but null. */
const payload = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean()]);
const newMessage = z.strictObject({
  direction,
  payload,
  correlation_id: correlationId.optional(),
  /** The sender's own id of the message: sent twice, it is stored once. The `Idempotency-Key` header goes before it. */
  message_id: idempotencyKey.optional(),
});
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(50),
  cursor: z.coerce.number().int().min(1).max(MAX_POSITION).optional(),
  direction: direction.optional(),
  correlation_id: correlationId.optional(),
});

const message = z
  .object({
    message_id: uuid,
    agent_id: uuid,
    position: z.int().min(1),
    direction,
    payload,
    correlation_id: z.string().nullable(),
    created_at: time,
  })
  .meta({ id: 'Message' });

const common = { tag: 'messages', headers: WORKSPACE_HEADER, params: byId } as const;

export function messageEndpoints(messages: Messages): readonly Endpoint[] {
  return [appending(messages), paging(messages), transcribing(messages)];
}

function appending(messages: Messages): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/agents/{id}/messages',
    summary: 'Append a message; 200 when its key was used for it before and the message is still kept',
    headers: { ...WORKSPACE_HEADER, ...IDEMPOTENCY_HEADER },
    body: newMessage,
    answers: { 201: message, 200: message },
    errors: ['idempotency_conflict'],
    handle: async (call) => {
      const appended = await messages.append({
        workspaceId: workspaceFor(call),
        agentId: call.params.id,
        direction: call.body.direction,
        payload: call.body.payload,
        correlationId: call.body.correlation_id ?? null,
        idempotencyKey: headerValue(call, 'idempotency-key', idempotencyKey) ?? call.body.message_id ?? null,
      });
      return json(appended.created ? 201 : 200, appended.message);
    },
  });
}

function paging(messages: Messages): Endpoint {
  return endpoint({
    ...common,
    method: 'get',
    path: '/api/v1/agents/{id}/messages',
    summary: 'Messages of the agent, newest first',
    query: pageQuery,
    answers: { 200: pageOf(message) },
    handle: async (call) => {
      const { limit, cursor, direction: only, correlation_id: correlated } = call.query;
      const found = await messages.list({
        ...everything(call),
        // One more than asked for says whether there is a next page.
        limit: limit + 1,
        before: cursor ?? null,
        direction: only ?? null,
        correlationId: correlated ?? null,
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return json(200, { items, next_cursor: found.length > limit && last !== undefined ? String(last.position) : null });
    },
  });
}

function transcribing(messages: Messages): Endpoint {
  return endpoint({
    ...common,
    method: 'get',
    path: '/api/v1/agents/{id}/transcript',
    summary: 'Messages of the agent that are kept, oldest first',
    answers: { 200: z.object({ items: z.array(message), truncated: z.boolean() }) },
    handle: async (call) => {
      const items = await messages.list({ ...everything(call), limit: TRANSCRIPT_LIMIT });
      return json(200, { items: items.toReversed(), truncated: items.length === TRANSCRIPT_LIMIT });
    },
  });
}

function everything(call: Call<{ readonly id: string }, unknown, unknown>): Omit<MessageQuery, 'limit'> {
  return { workspaceId: workspaceFor(call), agentId: call.params.id, before: null, direction: null, correlationId: null };
}
