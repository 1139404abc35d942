import type { EventsBinding } from '../model/bindings/operation.ts';
import type { Variables } from '../model/template.ts';
import { textIn } from './extract.ts';
import type { Frame, NextOptions } from './frames.ts';
import { type CloseInfo, openSocket, type Opened, type SocketOptions } from './socket.ts';

/** One received message with the fields the binding names; null where the message has none. */
export interface PushEvent {
  readonly seq: number;
  readonly atMonotonicMs: number;
  /** Whether it is the event that follows `register.append`. */
  readonly appended: boolean;
  readonly type: string | null;
  readonly key: string | null;
  readonly value: string | null;
  readonly frame: Frame;
}

export type NextEvent = { readonly ok: true; readonly event: PushEvent } | { readonly ok: false; readonly problem: string };

export interface EventStream extends AsyncDisposable {
  /** Everything that is kept, in order of arrival; `dropped` counts what is not. */
  events(): readonly PushEvent[];
  dropped(): number;
  /** The first kept or coming event the predicate accepts. */
  next(predicate: (event: PushEvent) => boolean, options: NextOptions): Promise<NextEvent>;
  closeInfo(): CloseInfo | null;
  close(): Promise<void>;
}

export async function openEventStream(binding: EventsBinding, variables: Variables, options: SocketOptions): Promise<Opened<EventStream>> {
  const opened = await openSocket(binding.ws, variables, options);
  if (!opened.ok) return opened;
  const { log, close, closeInfo } = opened.value;
  const read = (frame: Frame): PushEvent => eventOf(frame, binding);
  return {
    ok: true,
    value: {
      events: () => log.frames.map(read),
      dropped: () => log.dropped,
      async next(predicate, within) {
        const found = await log.next((frame) => predicate(read(frame)), within);
        return found.ok ? { ok: true, event: read(found.frame) } : found;
      },
      closeInfo,
      close,
      [Symbol.asyncDispose]: close,
    },
  };
}

function eventOf(frame: Frame, binding: EventsBinding): PushEvent {
  const type = textIn(binding.type, frame.json);
  return {
    seq: frame.seq,
    atMonotonicMs: frame.atMonotonicMs,
    appended: type === binding.appended,
    type,
    key: textIn(binding.key, frame.json),
    value: textIn(binding.value, frame.json),
    frame,
  };
}
