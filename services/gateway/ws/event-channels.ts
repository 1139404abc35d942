import type { Pool } from 'pg';
import { z } from 'zod';
import { ServiceError } from '../../shared/service-error.ts';
import { EVERYTHING, type EventFilter } from '../events/feeds.ts';
import { uuid } from '../schemas.ts';
import { channel, workspaceOfEntry, type Channel, type Entry, type Opened } from './channel.ts';
import { eventFrame, follow, prepareStream, type EventSource } from './event-stream.ts';
import { readFrames } from './frames.ts';
import { agentEvent, channelError, heartbeat, heartbeatFrame } from './messages.ts';

export interface EventChannelDeps extends EventSource {
  readonly pool: Pool;
  readonly messagesPerSecond: number;
}

const MAX_AGENTS = 100;

const workspace = uuid.optional().describe('the workspace of the key, or the default one, when absent');
const seq = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);
const sinceSeq = z
  .union([z.literal('').transform(() => undefined), seq])
  .optional()
  .describe('events after this number come first; from now on when absent');
const agentList = z
  .string()
  .max(MAX_AGENTS * 38)
  .transform((text) => (text === '' ? null : text.split(',').map((id) => id.trim())))
  .pipe(z.array(uuid).max(MAX_AGENTS).nullable())
  .optional()
  .describe('ids of agents, separated by commas; all when absent');

const following = z.object({ workspace_id: workspace, since_seq: sinceSeq });
const ack = z.strictObject({ type: z.literal('ack'), seq: z.int().min(0) }).meta({ id: 'Ack' });
/** The client has had everything up to `seq`: taken, and not answered. */
const receives = { ack };
const sends = { event: agentEvent, heartbeat, error: channelError };

/** Events of a workspace, of agents, of a task: in order, each once, from now or from a number on. */
export function eventChannels(deps: EventChannelDeps): readonly Channel[] {
  return [workspaceStream(deps), agentChannel(deps), taskChannel(deps)];
}

function workspaceStream(deps: EventChannelDeps): Channel {
  return channel({
    path: '/ws/agents/stream',
    summary: 'Events of a workspace, all or those of some agents',
    query: following.extend({ agent_id: agentList }),
    sends,
    receives,
    heartbeatFrame,
    accept: async (entry) => {
      const agents = entry.query.agent_id ?? null;
      return opening(deps, entry, { ...EVERYTHING, agentIds: agents === null ? null : new Set(agents) });
    },
  });
}

function agentChannel(deps: EventChannelDeps): Channel {
  return channel({
    path: '/ws/agents/{id}',
    summary: 'Events of one agent',
    params: z.object({ id: uuid }),
    query: following,
    sends,
    receives,
    heartbeatFrame,
    agentOf: ({ params }) => params.id,
    accept: async (entry) => {
      await mustExist(deps.pool, ['agent_instances'], entry);
      return opening(deps, entry, { ...EVERYTHING, agentIds: new Set([entry.params.id]) });
    },
  });
}

function taskChannel(deps: EventChannelDeps): Channel {
  return channel({
    path: '/ws/tasks/{id}',
    summary: 'Events of one task, or of a workflow as one task that makes progress',
    params: z.object({ id: uuid }),
    query: following,
    sends,
    receives,
    heartbeatFrame,
    accept: async (entry) => {
      await mustExist(deps.pool, ['tasks', 'workflows'], entry);
      return opening(deps, entry, { ...EVERYTHING, taskId: entry.params.id });
    },
  });
}

type Following = z.output<typeof following>;

async function opening(deps: EventChannelDeps, entry: Entry<unknown, Following>, filter: EventFilter): Promise<Opened> {
  const workspaceId = workspaceOfEntry(entry);
  const stream = await prepareStream(deps, { workspaceId, filter, sinceSeq: entry.query.since_seq ?? null });
  return (peer) => {
    follow(peer, stream, (event) => peer.send(eventFrame(event)));
    return readFrames(peer, { receives, messagesPerSecond: deps.messagesPerSecond, handle: () => undefined });
  };
}

type Table = 'agent_instances' | 'tasks' | 'workflows';

/** @throws ServiceError not_found, also for what is in another workspace. */
async function mustExist(pool: Pool, tables: readonly Table[], entry: Entry<{ readonly id: string }, Following>): Promise<void> {
  const { id } = entry.params;
  const parts = tables.map((table) => `select 1 from ${table} where id = $1 and workspace_id = $2`);
  const { rows } = await pool.query(parts.join(' union all '), [id, workspaceOfEntry(entry)]);
  if (rows.length === 0) throw new ServiceError('not_found', `the workspace has none with the id ${id}`);
}
