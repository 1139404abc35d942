import { z } from 'zod';
import { repeat } from '../../shared/repeat.ts';
import { countsOf, type OpenCounts } from '../operations/operation.ts';
import { time } from '../schemas.ts';
import { channel, type Channel } from './channel.ts';
import { readFrames } from './frames.ts';
import { channelError, heartbeat, heartbeatFrame } from './messages.ts';
import type { Peer } from './peer.ts';

export interface StatusDeps {
  /** By workspace. */
  readonly counts: () => Promise<ReadonlyMap<string, OpenCounts>>;
  readonly messagesPerSecond: number;
  readonly report: (error: unknown) => void;
}

const EVERY_MS = 1000;

const status = z
  .object({ active_operations: z.int().min(0), escalations: z.int().min(0), timestamp: time })
  .meta({ id: 'OperationsStatus' });

/**
 * `/ws`: how much is going on, every second; a key of a workspace hears of that one only. One look at the database for all who watch;
 * while it is away nothing is claimed.
 */
export function statusChannel({ counts, messagesPerSecond, report }: StatusDeps): { readonly channel: Channel; stop(): Promise<void> } {
  /** With the workspace of its key. */
  const watchers = new Map<Peer, string | null>();
  const ticker = repeat(
    async () => {
      if (watchers.size === 0) return;
      const counted = await counts();
      const timestamp = new Date().toISOString();
      for (const [peer, workspaceId] of watchers) {
        const { active, escalated } = countsOf(counted, workspaceId);
        peer.send(JSON.stringify({ active_operations: active, escalations: escalated, timestamp }));
      }
    },
    EVERY_MS,
    report,
  );
  const row = channel({
    path: '/ws',
    summary: 'Operations in progress and waiting for a person, every second',
    sends: { status, heartbeat, error: channelError },
    receives: {},
    heartbeatFrame,
    accept:
      async ({ actor }) =>
      (peer) => {
        watchers.set(peer, actor.workspaceId);
        peer.onClose(() => watchers.delete(peer));
        return readFrames(peer, { receives: {}, messagesPerSecond, handle: () => undefined });
      },
  });
  return { channel: row, stop: () => ticker.stop() };
}
