import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../shared/http-app.ts';
import { readBody } from '../../shared/read-input.ts';
import type { Streams } from './streams.ts';

const agent = z.string().regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, _ . : -');
const newMessage = z.strictObject({
  from_agent: agent,
  to_agent: agent.nullable(),
  type: z.string().min(1).max(64),
  payload: z.unknown().refine((payload) => payload !== undefined && payload !== null, 'is required'),
  priority: z.int().min(1).max(10).default(5),
  correlation_id: z.string().min(1).max(128).optional(),
});

export function streamRoutes(streams: Streams): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.post('/messages', async (context) => {
    const input = await readBody(context, newMessage);
    const { from_agent: fromAgent, to_agent: toAgent, type, payload, priority } = input;
    return context.json(
      await streams.publish({ fromAgent, toAgent, type, payload, priority, correlationId: input.correlation_id ?? null }),
      201,
    );
  });
  routes.get('/streams/:name', async (context) => context.json(await streams.describe(context.req.param('name'))));
  return routes;
}
