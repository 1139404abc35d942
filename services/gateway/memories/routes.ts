import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../shared/http-app.ts';
import { readBody } from '../../shared/read-input.ts';
import { workspaceOf } from '../workspace.ts';
import { DIMENSIONS } from './embedding.ts';
import type { Memories } from './memories.ts';

export const newMemory = z.strictObject({
  content: z.string().min(1).max(8000),
  importance: z.number().min(0).max(1).default(0.5),
  tags: z.array(z.string().min(1).max(64)).max(20).default([]),
  access: z.enum(['private', 'team', 'shared']).default('private'),
});

export const memorySearch = z
  .strictObject({
    query: z.string().min(1).max(2000).optional(),
    embedding: z.array(z.number().min(-1e6).max(1e6)).length(DIMENSIONS).optional(),
    limit: z.int().min(1).max(100).default(10),
    max_distance: z.number().min(0).max(2).optional(),
  })
  .refine((input) => (input.query === undefined) !== (input.embedding === undefined), { message: 'give either query or embedding' });

export function memoryRoutes(memories: Memories): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.post('/memories', async (context) =>
    context.json(await memories.store(workspaceOf(context), await readBody(context, newMemory)), 201),
  );
  routes.post('/memories/search', async (context) => {
    const search = await readBody(context, memorySearch);
    const startedAtMs = performance.now();
    const items = await memories.search(workspaceOf(context), search);
    return context.json({ items, took_ms: performance.now() - startedAtMs });
  });
  return routes;
}
