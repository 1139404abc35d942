import { z } from 'zod';
import { ServiceError } from '../../shared/service-error.ts';
import { EVERYTHING } from '../events/feeds.ts';
import { time, uuid } from '../schemas.ts';
import { channel, workspaceOfEntry, type Channel } from './channel.ts';
import { follow, prepareStream, type EventSource } from './event-stream.ts';
import { readFrames } from './frames.ts';
import { channelError, heartbeat, heartbeatFrame } from './messages.ts';
import { CLOSE } from './peer.ts';

export interface DelegationChannelDeps extends EventSource {
  /** The workspace's sequence before the first event of the delegation; null when there is none. */
  readonly watchPosition: (workspaceId: string, id: string) => Promise<number | null>;
  readonly messagesPerSecond: number;
}

const common = {
  delegation_id: uuid,
  seq: z.int().min(1).describe('of the delegation, from 1 without gaps'),
  progress: z.number().min(0).max(100).describe('never less than in the frame before'),
  timestamp: time,
};
const frameOf = <T extends string>(type: T) => z.looseObject({ type: z.literal(type), ...common });

const sends = {
  status: frameOf('status').meta({ id: 'DelegationStatus' }),
  routing_analysis: frameOf('routing_analysis').meta({ id: 'RoutingAnalysis' }),
  delegation_initiated: frameOf('delegation_initiated').meta({ id: 'DelegationInitiated' }),
  progress: frameOf('progress').meta({ id: 'DelegationProgress' }),
  delegation_completed: frameOf('delegation_completed').meta({ id: 'DelegationCompleted' }),
  delegation_failed: frameOf('error')
    .extend({ error: z.object({ code: z.string(), message: z.string() }) })
    .meta({ id: 'DelegationFailed' }),
  heartbeat,
  error: channelError,
};
const LAST = new Set<unknown>(['delegation_completed', 'error']);

/** `/ws/delegations/{id}`: every frame in order from the first one, also for who comes late; closes after the last. */
export function delegationChannel({ watchPosition, messagesPerSecond, ...source }: DelegationChannelDeps): Channel {
  return channel({
    path: '/ws/delegations/{id}',
    summary: 'How a delegation gets on, from its beginning to its end',
    params: z.object({ id: uuid }),
    query: z.object({ workspace_id: uuid.optional() }),
    sends,
    receives: {},
    heartbeatFrame,
    accept: async (entry) => {
      const { id } = entry.params;
      const workspaceId = workspaceOfEntry(entry);
      const sinceSeq = await watchPosition(workspaceId, id);
      if (sinceSeq === null) throw new ServiceError('not_found', `no delegation has the id ${id}`);
      const stream = await prepareStream(source, { workspaceId, filter: { ...EVERYTHING, delegationId: id }, sinceSeq });
      return (peer) => {
        follow(peer, stream, ({ data }) => {
          peer.send(JSON.stringify(data));
          if (LAST.has((data as { readonly type?: unknown }).type)) peer.close(CLOSE.normal, 'the delegation is over');
        });
        return readFrames(peer, { receives: {}, messagesPerSecond, handle: () => undefined });
      };
    },
  });
}
