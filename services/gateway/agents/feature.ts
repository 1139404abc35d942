import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createAgents } from './agents.ts';
import { agentEndpoints } from './endpoints.ts';
import { messageRoutes } from './message-routes.ts';
import { createMessages } from './messages.ts';
import { AGENT_TRANSITIONS } from './status.ts';

/** Agents, their status and their messages. */
export function agentsFeature(core: Core): Feature {
  const { pool, seams, committed } = core;
  const agents = createAgents({ pool, transitions: seams.transitions(AGENT_TRANSITIONS), committed });
  const messages = seams.messages(createMessages(pool, committed), core);
  return {
    endpoints: agentEndpoints(agents),
    routes: [{ base: '/api/v1/agents', app: messageRoutes(messages) }],
  };
}
