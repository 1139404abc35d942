import { ServiceError } from '../../shared/service-error.ts';
import type { EventFilter, Feeds } from '../events/feeds.ts';
import type { History } from '../events/history.ts';
import type { AgentEvent } from '../events/outbox.ts';
import { errorFrame } from './messages.ts';
import { CLOSE, type Peer } from './peer.ts';

export interface EventSource {
  readonly feeds: Feeds;
  readonly history: History;
  /** For reads that fail when nobody waits for an answer. */
  readonly report: (error: unknown) => void;
}

export interface EventStream {
  readonly workspaceId: string;
  readonly filter: EventFilter;
  /** The last one the client has had; null: from now on. */
  readonly sinceSeq: number | null;
}

export interface PreparedStream {
  /** Events come after this one. */
  readonly from: number;
  /** The number of the first event that can still be had, when some after `from` are no longer kept. */
  readonly keptFrom: number | null;
  /** @returns ends the stream; to be called when the connection ends, or before. */
  readonly start: (peer: Peer, deliver: (event: AgentEvent) => void) => () => void;
}

const PAGE = 100;

/**
 * Prepared before the handshake is answered: what is committed once the client is connected comes after this position.
 * What the client has missed is read at the pace at which it takes it; then the feed goes on from there.
 * @throws ServiceError validation_failed when the client is ahead of the workspace.
 */
export async function prepareStream(source: EventSource, stream: EventStream): Promise<PreparedStream> {
  const { workspaceId, filter, sinceSeq } = stream;
  const position = await source.feeds.position(workspaceId);
  const from = sinceSeq ?? position;
  if (from > position) throw new ServiceError('validation_failed', `since_seq is ${from}, and the last event is ${position}`);
  const oldest = from < position ? ((await source.history.oldest(workspaceId)) ?? position + 1) : from + 1;
  return {
    from,
    keptFrom: oldest > from + 1 ? oldest : null,
    start: (peer, deliver) => {
      let isOver = false;
      let leave = (): void => undefined;
      const join = (): void => {
        leave = source.feeds.subscribe({ workspaceId, filter, afterSeq: position, deliver });
      };
      const isWanted = (): boolean => !isOver && peer.isOpen();
      const deliverWanted = (event: AgentEvent): void => {
        if (isWanted()) deliver(event);
      };
      if (from < position)
        void replay(source, peer, { workspaceId, filter, from, until: position, deliver: deliverWanted, join, isWanted });
      else if (isWanted()) join();
      return () => {
        isOver = true;
        leave();
      };
    },
  };
}

/** The usual way: as long as the connection is open, and whoever asked for what is gone is told so. */
export function follow(peer: Peer, { from, keptFrom, start }: PreparedStream, deliver: (event: AgentEvent) => void): void {
  if (keptFrom !== null) peer.send(errorFrame('events_expired', `some events after ${from} are no longer kept`));
  peer.onClose(start(peer, deliver));
}

interface Replay extends Omit<EventStream, 'sinceSeq'> {
  readonly from: number;
  readonly until: number;
  readonly deliver: (event: AgentEvent) => void;
  readonly join: () => void;
  readonly isWanted: () => boolean;
}

/** Never rejects: a connection that cannot be served is closed, and the client comes back with the number it has. */
async function replay(
  { history, report }: EventSource,
  peer: Peer,
  { workspaceId, filter, from, until, deliver, join, isWanted }: Replay,
): Promise<void> {
  let afterSeq = from;
  try {
    while (isWanted()) {
      const events = await history.page({ workspaceId, filter, afterSeq, untilSeq: until, limit: PAGE });
      for (const event of events) {
        await peer.drained();
        deliver(event);
        afterSeq = event.seq;
      }
      if (events.length < PAGE) break;
    }
    if (isWanted()) join();
  } catch (error) {
    report(error);
    peer.close(CLOSE.full, 'events cannot be read now');
  }
}

const frames = new WeakMap<AgentEvent, string>();

/** Written once, however many hear of it. */
export function eventFrame(event: AgentEvent): string {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const frame = JSON.stringify(event);
  frames.set(event, frame);
  return frame;
}
