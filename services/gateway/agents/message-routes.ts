import { Hono } from 'hono';
import { z } from 'zod';
import type { AppContext, AppEnv } from '../../shared/http-app.ts';
import { parseInput, readBody, readQuery } from '../../shared/read-input.ts';
import { idInPath, workspaceOf } from '../workspace.ts';
import type { MessageQuery, Messages } from './messages.ts';

const PAGE_LIMIT = 200;
const TRANSCRIPT_LIMIT = 10_000;

const direction = z.enum(['inbound', 'outbound', 'system']);
const correlationId = z.string().min(1).max(128);
const key = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters');
const newMessage = z.strictObject({
  direction,
  payload: z.unknown().refine((payload) => payload !== undefined && payload !== null, 'is required'),
  correlation_id: correlationId.optional(),
  /** The sender's own id of the message: sent twice, it is stored once. The `Idempotency-Key` header goes before it. */
  message_id: key.optional(),
});
const page = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(50),
  cursor: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
  direction: direction.optional(),
  correlation_id: correlationId.optional(),
});

export function messageRoutes(messages: Messages): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.post('/:id/messages', async (context) => {
    const agentId = idInPath(context, 'agent');
    const body = await readBody(context, newMessage);
    const header = parseInput(key.optional(), context.req.header('idempotency-key'));
    const { message, created } = await messages.append({
      workspaceId: workspaceOf(context),
      agentId,
      direction: body.direction,
      payload: body.payload,
      correlationId: body.correlation_id ?? null,
      idempotencyKey: header ?? body.message_id ?? null,
    });
    return context.json(message, created ? 201 : 200);
  });
  routes.get('/:id/messages', async (context) => {
    const { limit, cursor, direction: only, correlation_id: correlated } = readQuery(context, page);
    const items = await messages.list({
      ...everything(context),
      limit,
      before: cursor ?? null,
      direction: only ?? null,
      correlationId: correlated ?? null,
    });
    const last = items.at(-1);
    return context.json({
      items,
      next_cursor: items.length === limit && last !== undefined && last.position > 1 ? String(last.position) : null,
    });
  });
  routes.get('/:id/transcript', async (context) => {
    const items = await messages.list({ ...everything(context), limit: TRANSCRIPT_LIMIT });
    return context.json({ items: items.toReversed(), truncated: items.length === TRANSCRIPT_LIMIT });
  });
  return routes;
}

function everything(context: AppContext): Omit<MessageQuery, 'limit'> {
  return { workspaceId: workspaceOf(context), agentId: idInPath(context, 'agent'), before: null, direction: null, correlationId: null };
}
