import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { time, uuid } from '../schemas.ts';
import { countByAgent, type Connections } from './connections.ts';

const session = z
  .object({ session_id: uuid, channel: z.string(), agent_id: z.string().nullable(), connected_at: time })
  .meta({ id: 'WebSocketSession' });

const sessions = z.object({
  total: z.int().min(0),
  by_agent: z.record(z.string(), z.int().min(1)),
  sessions: z.array(session).max(100_000),
});

/** Who is connected to this instance; a key of a workspace sees those of its own. */
export function sessionsEndpoint(connections: Connections): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/v1/ws/sessions',
    summary: 'Open WebSocket connections of this instance',
    tag: 'websocket',
    answers: { 200: sessions },
    handle: ({ actor: { workspaceId } }) => {
      const seen = connections.sessions(workspaceId);
      const items = seen.map(({ id, channel, agent, connectedAt }) => ({
        session_id: id,
        channel,
        agent_id: agent,
        connected_at: connectedAt.toISOString(),
      }));
      return json(200, { total: seen.length, by_agent: countByAgent(seen), sessions: items });
    },
  });
}
