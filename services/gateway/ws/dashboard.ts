import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EVERYTHING } from '../events/feeds.ts';
import { EVENT_TYPES, type AgentEvent } from '../events/outbox.ts';
import { countsOf, type OpenCounts } from '../operations/operation.ts';
import { time, uuid } from '../schemas.ts';
import { channel, workspaceOfEntry, type Channel } from './channel.ts';
import type { Connections } from './connections.ts';
import { follow, prepareStream, type EventSource } from './event-stream.ts';
import { readFrames } from './frames.ts';
import { channelError, errorFrame } from './messages.ts';
import type { Peer } from './peer.ts';

export interface DashboardDeps extends EventSource {
  readonly connections: Connections;
  /** By workspace. */
  readonly counts: () => Promise<ReadonlyMap<string, OpenCounts>>;
  readonly messagesPerSecond: number;
}

export const TOPICS = ['agents', 'tasks', 'operations', 'workflows', 'delegations'] as const;
type Topic = (typeof TOPICS)[number];

const topic = z.enum(TOPICS);
const connectionId = z.string().regex(/^[\w.:-]{1,64}$/);

const subscribe = z.strictObject({ type: z.literal('subscribe'), topic }).meta({ id: 'Subscribe' });
const getStatus = z.strictObject({ type: z.literal('get_status') }).meta({ id: 'GetStatus' });
const ping = z.strictObject({ type: z.literal('ping') }).meta({ id: 'DashboardPing' });
const receives = { subscribe, get_status: getStatus, ping };

const sends = {
  subscription_confirmed: z
    .object({ type: z.literal('subscription_confirmed'), topic, connection_id: connectionId, timestamp: time })
    .meta({ id: 'SubscriptionConfirmed' }),
  state_changed: z
    .object({
      type: z.literal('state_changed'),
      topic,
      event_type: z.enum(EVENT_TYPES),
      seq: z.int().min(1),
      source_ts: time,
      agent_id: uuid.nullable(),
      task_id: uuid.nullable(),
      data: z.unknown(),
    })
    .meta({ id: 'StateChanged', description: 'source_ts is the time of the change by the clock of the service.' }),
  stats: z
    .object({
      type: z.literal('stats'),
      connections: z.int().min(0),
      by_agent: z.record(z.string(), z.int().min(1)),
      active_operations: z.int().min(0),
      escalations: z.int().min(0),
      timestamp: time,
    })
    .meta({ id: 'DashboardStats' }),
  pong: z.object({ type: z.literal('pong'), timestamp: time }).meta({ id: 'Pong' }),
  keepalive: z.object({ type: z.literal('keepalive'), timestamp: time }).meta({ id: 'Keepalive' }),
  error: channelError,
};

type Said = z.output<(typeof receives)[keyof typeof receives]>;

/** `/ws/dashboard`: changes of the topics that the client asked for, and figures on demand: those of the workspace of its key. */
export function dashboardChannel(deps: DashboardDeps): Channel {
  return channel({
    path: '/ws/dashboard',
    summary: 'Changes by topic, and figures on demand',
    query: z.object({ connection_id: connectionId.optional(), workspace_id: uuid.optional() }),
    sends,
    receives,
    heartbeatFrame: () => frame('keepalive'),
    accept: async (entry) => {
      const id = entry.query.connection_id ?? randomUUID();
      const stream = await prepareStream(deps, { workspaceId: workspaceOfEntry(entry), filter: EVERYTHING, sinceSeq: null });
      return (peer) => {
        const wanted = new Set<Topic>();
        follow(peer, stream, (event) => {
          const changed = topicOf(event);
          if (changed !== null && wanted.has(changed)) peer.send(stateChanged(event, changed));
        });
        const answer = createAnswers(deps, peer, { id, wanted, workspaceId: entry.actor.workspaceId });
        return readFrames(peer, { receives, messagesPerSecond: deps.messagesPerSecond, handle: answer });
      };
    },
  });
}

interface Client {
  readonly id: string;
  readonly wanted: Set<Topic>;
  /** Of its key; null: it may see all. */
  readonly workspaceId: string | null;
}

function createAnswers(deps: DashboardDeps, peer: Peer, { id, wanted, workspaceId }: Client): (said: Said) => void {
  return (said) => {
    if (said.type === 'ping') peer.send(frame('pong'));
    else if (said.type === 'get_status') void sendStats(deps, peer, workspaceId);
    else {
      wanted.add(said.topic);
      peer.send(frame('subscription_confirmed', { topic: said.topic, connection_id: id }));
    }
  };
}

/** Never rejects: what goes wrong is the answer. */
async function sendStats({ connections, counts, report }: DashboardDeps, peer: Peer, workspaceId: string | null): Promise<void> {
  try {
    const { active, escalated } = countsOf(await counts(), workspaceId);
    peer.send(frame('stats', { ...connections.stats(workspaceId), active_operations: active, escalations: escalated }));
  } catch (error) {
    report(error);
    peer.send(errorFrame('dependency_unavailable', 'the figures cannot be read now'));
  }
}

/** By the first word of the event: `task_event` is about tasks, unless it tells of a workflow as one task that makes progress. */
export function topicOf({ event_type: type, data }: Pick<AgentEvent, 'event_type' | 'data'>): Topic | null {
  if (type === 'task_event' && typeof data === 'object' && data !== null && 'workflow_id' in data) return 'workflows';
  const plural = `${type.split('_')[0] ?? ''}s`;
  return TOPICS.find((known) => known === plural) ?? null;
}

function stateChanged(event: AgentEvent, changed: Topic): string {
  const { event_type: type, seq, agent_id: agentId, task_id: taskId, data, committed_at: at } = event;
  const change = { topic: changed, event_type: type, seq, source_ts: at, agent_id: agentId, task_id: taskId, data };
  return JSON.stringify({ type: 'state_changed', ...change });
}

function frame(type: keyof typeof sends, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ type, ...fields, timestamp: new Date().toISOString() });
}
