import { z } from 'zod';
import { repeat } from '../../shared/repeat.ts';
import { time } from '../schemas.ts';
import { channel, type Channel } from './channel.ts';
import { readFrames } from './frames.ts';
import { channelError, heartbeat, heartbeatFrame } from './messages.ts';
import type { Peer } from './peer.ts';

export interface Counts {
  readonly active: number;
  readonly escalated: number;
}

export interface StatusDeps {
  readonly counts: () => Promise<Counts>;
  readonly messagesPerSecond: number;
  readonly report: (error: unknown) => void;
}

const EVERY_MS = 1000;

const status = z
  .object({ active_operations: z.int().min(0), escalations: z.int().min(0), timestamp: time })
  .meta({ id: 'OperationsStatus' });

/** `/ws`: how much is going on, every second. One look at the database for all who watch; while it is away nothing is claimed. */
export function statusChannel({ counts, messagesPerSecond, report }: StatusDeps): { readonly channel: Channel; stop(): Promise<void> } {
  const watchers = new Set<Peer>();
  const ticker = repeat(
    async () => {
      if (watchers.size === 0) return;
      const { active, escalated } = await counts();
      const frame = JSON.stringify({ active_operations: active, escalations: escalated, timestamp: new Date().toISOString() });
      for (const peer of watchers) peer.send(frame);
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
    accept: async () => (peer) => {
      watchers.add(peer);
      peer.onClose(() => watchers.delete(peer));
      return readFrames(peer, { receives: {}, messagesPerSecond, handle: () => undefined });
    },
  });
  return { channel: row, stop: () => ticker.stop() };
}
