import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { time } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { LetterPage, LetterQuery } from './dead-letters.ts';
import { agentName, agentOf, agentStream, entryId, readableStream } from './names.ts';
import type { Replayed, ReplayRequest } from './replay.ts';
import type { Streams } from './streams.ts';

export interface StreamParts {
  readonly streams: Streams;
  readonly deadLetters: (query: LetterQuery) => Promise<LetterPage>;
  readonly replay: (request: ReplayRequest) => Promise<Replayed>;
}

const WEEK_S = 7 * 24 * 3600;

const idempotencyKey = z.string().min(1).max(128);
/** Any JSON value but null. */
const payload = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean()]);
const newMessage = z.strictObject({
  from_agent: agentName,
  to_agent: agentName.nullable(),
  type: z.string().min(1).max(64),
  payload,
  priority: z.int().min(1).max(10).default(5),
  ttl_s: z.int().min(1).max(WEEK_S).optional(),
  correlation_id: z.string().min(1).max(128).optional(),
});
const published = z.object({ message_id: z.guid(), stream: z.string(), stream_id: entryId }).meta({ id: 'PublishedMessage' });

const state = z
  .object({
    length: z.int().min(0),
    groups: z.array(z.object({ name: z.string(), consumers: z.int().min(0), pending: z.int().min(0), lag: z.int().min(0).nullable() })),
    consumers: z.int().min(0),
    pending: z.int().min(0),
    last_id: entryId,
  })
  .meta({ id: 'StreamState' });

const letter = z
  .object({
    id: entryId,
    stream_id: entryId,
    message_id: z.guid().nullable(),
    reason: z.string(),
    tries: z.int().min(1),
    dead_at: time,
    fields: z.array(z.string()),
  })
  .meta({ id: 'DeadLetter' });
const letters = z.object({ items: z.array(letter), next_cursor: entryId.nullable() });
const letterQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: entryId.optional() });

const end = z.union([entryId, z.enum(['-', '+'])]);
const range = z.strictObject({ from_id: end.default('-'), to_id: end.default('+'), count: z.int().min(1).max(1000).default(100) });
const replayed = z.object({ read: z.int().min(0), replayed: z.int().min(0), next_id: entryId.nullable() }).meta({ id: 'Replayed' });

const common = { tag: 'streams', headers: WORKSPACE_HEADER } as const;

export function streamEndpoints(parts: StreamParts): readonly Endpoint[] {
  return [sending(parts), ...looking(parts), replaying(parts)];
}

function sending({ streams }: StreamParts): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/messages',
    summary: 'Send a message to one agent or to all of them',
    headers: { ...WORKSPACE_HEADER, 'Idempotency-Key': idempotencyKey },
    body: newMessage,
    answers: { 201: published, 200: published },
    errors: ['idempotency_conflict'],
    handle: async (call) => {
      const { body } = call;
      const sent = await streams.publish({
        workspaceId: workspaceFor(call),
        fromAgent: body.from_agent,
        toAgent: body.to_agent,
        type: body.type,
        payload: body.payload,
        priority: body.priority,
        correlationId: body.correlation_id ?? null,
        ttlSeconds: body.ttl_s ?? null,
        idempotencyKey: headerValue(call, 'idempotency-key', idempotencyKey) ?? null,
      });
      return json(sent.created ? 201 : 200, sent.published);
    },
  });
}

function looking({ streams, deadLetters }: StreamParts): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/streams/{name}',
      summary: 'How a stream of messages, or its dead letters, stands',
      params: z.object({ name: readableStream }),
      answers: { 200: state },
      handle: async ({ params }) => json(200, await streams.describe(params.name)),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/streams/{name}/dlq',
      summary: 'Dead letters of a stream, oldest first',
      params: z.object({ name: agentStream }),
      query: letterQuery,
      answers: { 200: letters },
      handle: async (call) => {
        const { limit, cursor } = call.query;
        const agent = agentOf(call.params.name);
        return json(200, await deadLetters({ workspaceId: workspaceFor(call), agent, limit, after: cursor ?? null }));
      },
    }),
  ];
}

function replaying({ replay }: StreamParts): Endpoint {
  return endpoint({
    ...common,
    method: 'post',
    path: '/api/v1/streams/{name}/replay',
    summary: 'Process entries of a stream, or of its dead letters, once more',
    params: z.object({ name: readableStream }),
    body: range,
    answers: { 200: replayed },
    handle: async (call) => {
      const { from_id: fromId, to_id: toId, count } = call.body;
      return json(200, await replay({ workspaceId: workspaceFor(call), stream: call.params.name, fromId, toId, count }));
    },
  });
}
