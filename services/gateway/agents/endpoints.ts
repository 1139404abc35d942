import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { byId, itemsOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { Agents } from './agents.ts';
import { AGENT_STATUSES, type AgentStatus } from './status.ts';

const name = z.string().trim().min(1).max(128);
const config = z.record(z.string(), z.unknown());
const newAgent = { name: name.optional(), project_id: uuid.optional(), config: config.optional(), activate: z.boolean().optional() };
/** A union, not a refinement: the document says it too. */
const agentFromDefinition = z.union([
  z.strictObject({ ...newAgent, definition_id: uuid }),
  z.strictObject({ ...newAgent, definition_slug: z.string().min(1).max(64) }),
]);
const agentPatch = z.strictObject({ name: name.optional(), config: config.optional(), status: z.enum(AGENT_STATUSES).optional() });
const listQuery = z.object({ project_id: uuid.optional() });

const definition = z
  .object({ id: uuid, slug: z.string(), title: z.string(), capabilities: z.array(z.string()) })
  .meta({ id: 'AgentDefinition' });
const agent = z
  .object({
    id: uuid,
    workspace_id: uuid,
    project_id: uuid,
    definition_slug: z.string(),
    name: z.string(),
    status: z.enum(AGENT_STATUSES),
    config,
    version: z.int().min(1),
    last_heartbeat_at: time.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Agent' });

const ACTIONS: Readonly<Record<'activate' | 'deactivate' | 'shutdown', AgentStatus>> = {
  activate: 'active',
  deactivate: 'idle',
  shutdown: 'offline',
};

const common = { tag: 'agents', headers: WORKSPACE_HEADER } as const;

export function agentEndpoints(agents: Agents): readonly Endpoint[] {
  return [...reading(agents), ...changing(agents), ...acting(agents)];
}

function reading(agents: Agents): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/agents/definitions',
      summary: 'What kinds of agent there are',
      answers: { 200: itemsOf(definition) },
      handle: async () => json(200, { items: await agents.definitions() }),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/agents',
      summary: 'Agents of the workspace, oldest first',
      query: listQuery,
      answers: { 200: itemsOf(agent) },
      handle: async (call) => json(200, { items: await agents.list(workspaceFor(call), call.query.project_id) }),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/agents/{id}',
      summary: 'One agent',
      params: byId,
      answers: { 200: agent },
      handle: async (call) => json(200, await agents.get(workspaceFor(call), call.params.id)),
    }),
  ];
}

function changing(agents: Agents): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/agents',
      summary: 'Make an agent from a definition',
      body: agentFromDefinition,
      answers: { 201: agent },
      errors: ['not_found', 'concurrency_limit'],
      handle: async (call) => json(201, await agents.create(workspaceFor(call), call.body)),
    }),
    endpoint({
      ...common,
      method: 'patch',
      path: '/api/v1/agents/{id}',
      summary: 'Change name or status, merge into config',
      params: byId,
      body: agentPatch,
      answers: { 200: agent },
      errors: ['invalid_transition'],
      handle: async (call) => json(200, await agents.patch(workspaceFor(call), call.params.id, call.body)),
    }),
  ];
}

/** Each action is a move to one status; the heartbeat moves nothing. */
function acting(agents: Agents): readonly Endpoint[] {
  return [
    ...Object.entries(ACTIONS).map(([action, status]) =>
      endpoint({
        ...common,
        method: 'post',
        path: `/api/v1/agents/{id}/${action}`,
        summary: `Move the agent to ${status}`,
        params: byId,
        answers: { 200: agent },
        errors: ['invalid_transition'],
        handle: async (call) => json(200, await agents.patch(workspaceFor(call), call.params.id, { status })),
      }),
    ),
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/agents/{id}/heartbeat',
      summary: 'Say that the agent is alive',
      params: byId,
      answers: { 200: agent },
      handle: async (call) => json(200, await agents.heartbeat(workspaceFor(call), call.params.id)),
    }),
  ];
}
