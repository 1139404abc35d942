import type { Core } from '../core.ts';
import { createHistory } from '../events/history.ts';
import type { Feature } from '../feature.ts';
import type { Connections } from './connections.ts';
import { dashboardChannel } from './dashboard.ts';
import { delegationChannel, type DelegationChannelDeps } from './delegation-channel.ts';
import { eventChannels } from './event-channels.ts';
import { sessionsEndpoint } from './sessions.ts';
import { statusChannel, type Counts } from './status-channel.ts';

export interface SocketParts {
  readonly connections: Connections;
  readonly operations: { counts(): Promise<Counts> };
  readonly watchPosition: DelegationChannelDeps['watchPosition'];
}

/** The WebSocket channels, but for those that other features bring. */
export function socketsFeature({ config, feeds, pool, reporter }: Core, { connections, operations, watchPosition }: SocketParts): Feature {
  const { messagesPerSecond } = config.ws;
  const source = { feeds, history: createHistory(pool), report: reporter('channel_failed') };
  const counts = (): Promise<Counts> => operations.counts();
  const status = statusChannel({ counts, messagesPerSecond, report: source.report });
  return {
    endpoints: [sessionsEndpoint(connections)],
    channels: [
      ...eventChannels({ ...source, pool, messagesPerSecond }),
      status.channel,
      dashboardChannel({ ...source, connections, counts, messagesPerSecond }),
      delegationChannel({ ...source, watchPosition, messagesPerSecond }),
    ],
    stop: () => status.stop(),
  };
}
