import { ServiceError } from '../../shared/service-error.ts';
import type { Feeds } from '../events/feeds.ts';
import { UUID, workspaceId } from '../workspace.ts';
import type { Channel } from './server.ts';

const MAX_AGENTS = 100;

/** `/ws/agents/stream?workspace_id&agent_id=a,b&since_seq`: events of a workspace, all or of some agents, from now or from a number on. */
export function agentStream(feeds: Feeds): Channel {
  return {
    path: '/ws/agents/stream',
    heartbeatFrame: () => JSON.stringify({ type: 'heartbeat', timestamp: new Date().toISOString() }),
    agentOf: () => null,
    accept: async (query) => {
      const workspace = workspaceId(query.get('workspace_id'));
      const agents = readAgents(query.get('agent_id'));
      // Read before the handshake is answered: what is committed once the client is connected comes after this number.
      const position = await feeds.position(workspace);
      const afterSeq = readSince(query.get('since_seq')) ?? position;
      return (peer) => {
        const unsubscribe = feeds.subscribe({
          workspaceId: workspace,
          afterSeq,
          deliver: (event) => {
            if (agents === null || (event.agent_id !== null && agents.has(event.agent_id))) peer.send(JSON.stringify(event));
          },
        });
        peer.onClose(unsubscribe);
        // Acknowledgements of the client are taken and need no answer.
        return () => undefined;
      };
    },
  };
}

function readAgents(text: string | null): ReadonlySet<string> | null {
  if (text === null || text === '') return null;
  const ids = text.split(',').map((id) => id.trim().toLowerCase());
  if (ids.length > MAX_AGENTS || ids.some((id) => !UUID.test(id))) {
    throw new ServiceError('validation_failed', `agent_id must be at most ${MAX_AGENTS} UUIDs, separated by commas`);
  }
  return new Set(ids);
}

function readSince(text: string | null): number | null {
  if (text === null || text === '') return null;
  const seq = Number(text);
  if (!Number.isSafeInteger(seq) || seq < 0) throw new ServiceError('validation_failed', 'since_seq must be a whole number');
  return seq;
}
