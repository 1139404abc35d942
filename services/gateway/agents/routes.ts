import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../shared/http-app.ts';
import { readBody, readQuery } from '../../shared/read-input.ts';
import { idInPath, workspaceOf } from '../workspace.ts';
import type { Agents } from './agents.ts';
import { AGENT_STATUSES, type AgentStatus } from './status.ts';

const name = z.string().trim().min(1).max(128);
const config = z.record(z.string(), z.unknown());
const newAgent = z
  .strictObject({
    definition_id: z.guid().optional(),
    definition_slug: z.string().min(1).max(64).optional(),
    name: name.optional(),
    project_id: z.guid().optional(),
    config: config.optional(),
    activate: z.boolean().optional(),
  })
  .refine((input) => (input.definition_id === undefined) !== (input.definition_slug === undefined), {
    message: 'give either definition_id or definition_slug',
  });
const agentPatch = z.strictObject({ name: name.optional(), config: config.optional(), status: z.enum(AGENT_STATUSES).optional() });
const listQuery = z.object({ project_id: z.guid().optional() });

const ACTIONS: Readonly<Record<'activate' | 'deactivate' | 'shutdown', AgentStatus>> = {
  activate: 'active',
  deactivate: 'idle',
  shutdown: 'offline',
};

export function agentRoutes(agents: Agents): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.get('/definitions', async (context) => context.json({ items: await agents.definitions() }));
  routes.get('/', async (context) => {
    const { project_id: projectId } = readQuery(context, listQuery);
    return context.json({ items: await agents.list(workspaceOf(context), projectId) });
  });
  routes.post('/', async (context) => context.json(await agents.create(workspaceOf(context), await readBody(context, newAgent)), 201));
  routes.get('/:id', async (context) => context.json(await agents.get(workspaceOf(context), idInPath(context, 'agent'))));
  routes.patch('/:id', async (context) => {
    const patch = await readBody(context, agentPatch);
    return context.json(await agents.patch(workspaceOf(context), idInPath(context, 'agent'), patch));
  });
  for (const [action, status] of Object.entries(ACTIONS)) {
    routes.post(`/:id/${action}`, async (context) =>
      context.json(await agents.patch(workspaceOf(context), idInPath(context, 'agent'), { status })),
    );
  }
  routes.post('/:id/heartbeat', async (context) => context.json(await agents.heartbeat(workspaceOf(context), idInPath(context, 'agent'))));
  return routes;
}
