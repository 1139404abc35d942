import { z } from 'zod';
import { endpoint, json, type Call, type Endpoint } from '../../shared/endpoint.ts';
import { byId } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { LabelledAgent, Labels } from './labels.ts';

const label = z.string().trim().min(1).max(64);
const common = {
  tag: 'agents',
  headers: WORKSPACE_HEADER,
  params: byId,
  path: '/api/v1/agents/{id}/labels',
  answers: { 200: z.object({ labels: z.array(z.string()) }) },
} as const;

export function labelEndpoints(labels: Labels): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      summary: 'What the agent is labelled with',
      handle: async (call) => json(200, { labels: await labels.list(agentOf(call)) }),
    }),
    endpoint({
      ...common,
      method: 'post',
      summary: 'Add a label to those of the agent',
      body: z.strictObject({ label }),
      errors: ['conflict'],
      handle: async (call) => json(200, { labels: await labels.add(agentOf(call), call.body.label) }),
    }),
  ];
}

function agentOf(call: Call<{ readonly id: string }, unknown, unknown>): LabelledAgent {
  return { workspaceId: workspaceFor(call), agentId: call.params.id };
}
