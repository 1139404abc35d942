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

/** Starts the stream on a connection. */
export type StartStream = (peer: Peer, deliver?: (event: AgentEvent) => void) => void;

const PAGE = 100;

/**
 * Prepared before the handshake is answered: what is committed once the client is connected comes after this position.
 * What the client has missed is read at the pace at which it takes it; then the feed goes on from there.
 * @throws ServiceError validation_failed when the client is ahead of the workspace.
 */
export async function prepareStream(source: EventSource, stream: EventStream): Promise<StartStream> {
  const { workspaceId, filter, sinceSeq } = stream;
  const position = await source.feeds.position(workspaceId);
  const from = sinceSeq ?? position;
  if (from > position) throw new ServiceError('validation_failed', `since_seq is ${from}, and the last event is ${position}`);
  const expired = from < position && ((await source.history.oldest(workspaceId)) ?? position + 1) > from + 1;
  return (peer, deliver = (event) => peer.send(eventFrame(event))) => {
    if (expired) peer.send(errorFrame('events_expired', `some events after ${from} are no longer kept`));
    const join = (): void => {
      if (!peer.isOpen()) return;
      peer.onClose(source.feeds.subscribe({ workspaceId, filter, afterSeq: position, deliver }));
    };
    if (from === position) join();
    else void replay(source, peer, { ...stream, from, until: position, deliver, join });
  };
}

interface Replay extends EventStream {
  readonly from: number;
  readonly until: number;
  readonly deliver: (event: AgentEvent) => void;
  readonly join: () => void;
}

/** Never rejects: a connection that cannot be served is closed, and the client comes back with the number it has. */
async function replay(
  { history, report }: EventSource,
  peer: Peer,
  { workspaceId, filter, from, until, deliver, join }: Replay,
): Promise<void> {
  let afterSeq = from;
  try {
    while (peer.isOpen()) {
      const events = await history.page({ workspaceId, filter, afterSeq, untilSeq: until, limit: PAGE });
      for (const event of events) {
        await peer.drained();
        deliver(event);
        afterSeq = event.seq;
      }
      if (events.length < PAGE) break;
    }
    join();
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
