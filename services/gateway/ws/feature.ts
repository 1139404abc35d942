import type { Core } from '../core.ts';
import { createHistory } from '../events/history.ts';
import type { Feature } from '../feature.ts';
import type { Connections } from './connections.ts';
import { dashboardChannel } from './dashboard.ts';
import { delegationChannel, type DelegationChannelDeps } from './delegation-channel.ts';
import { eventChannels } from './event-channels.ts';
import { closeRevoked } from './revoked.ts';
import { sessionsEndpoint } from './sessions.ts';
import { statusChannel, type StatusDeps } from './status-channel.ts';

export interface SocketParts {
  readonly connections: Connections;
  readonly operations: Pick<StatusDeps, 'counts'>;
  readonly watchPosition: DelegationChannelDeps['watchPosition'];
  readonly validKeys: () => Promise<ReadonlySet<string>>;
}

/** The WebSocket channels, but for those that other features bring. */
export function socketsFeature({ config, feeds, pool, reporter }: Core, parts: SocketParts): Feature {
  const { connections, operations, watchPosition, validKeys } = parts;
  const { messagesPerSecond } = config.ws;
  const source = { feeds, history: createHistory(pool), report: reporter('channel_failed') };
  const counts: StatusDeps['counts'] = () => operations.counts();
  const status = statusChannel({ counts, messagesPerSecond, report: source.report });
  const revoked = closeRevoked(connections, validKeys, reporter('keys_not_read'));
  return {
    endpoints: [sessionsEndpoint(connections)],
    channels: [
      ...eventChannels({ ...source, pool, messagesPerSecond }),
      status.channel,
      dashboardChannel({ ...source, connections, counts, messagesPerSecond }),
      delegationChannel({ ...source, watchPosition, messagesPerSecond }),
    ],
    stop: async () => {
      await Promise.all([status.stop(), revoked.stop()]);
    },
  };
}
