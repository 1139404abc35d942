import { monotonicMs } from '../model/clock.ts';
import { jsonOf } from './answer.ts';

/** One received WebSocket message. Whatever it holds is data. */
export interface Frame {
  /** 1 for the first message of the connection. */
  readonly seq: number;
  readonly atMonotonicMs: number;
  readonly binary: boolean;
  readonly bytes: number;
  /** Empty for binary messages. */
  readonly text: string;
  /** undefined when the text is not JSON. */
  readonly json: unknown;
}

export interface NextOptions {
  readonly withinMs: number;
  /** Only messages after this number; 0 looks at everything that is kept. */
  readonly since?: number;
}

/** A message, or why there is none: the time ran out or the connection ended, with the last thing seen. */
export type NextFrame = { readonly ok: true; readonly frame: Frame } | { readonly ok: false; readonly problem: string };

/** Kept messages; older ones are dropped and counted. */
const MAX_FRAMES = 10_000;
/** Kept text in total: a hostile server must not fill our memory. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

interface Waiter {
  readonly predicate: (frame: Frame) => boolean;
  readonly since: number;
  readonly settle: (result: NextFrame) => void;
}

/** The messages of one connection, bounded in number and size. */
export class FrameLog {
  #frames: Frame[] = [];
  #seq = 0;
  #dropped = 0;
  #keptBytes = 0;
  #ended: string | null = null;
  readonly #waiters = new Set<Waiter>();

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** Messages that came and are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  push(data: Buffer, binary: boolean): void {
    this.#seq += 1;
    const text = binary ? '' : data.toString('utf8');
    const frame = {
      seq: this.#seq,
      atMonotonicMs: monotonicMs(),
      binary,
      bytes: data.length,
      text,
      json: binary ? undefined : jsonOf(text),
    };
    this.#frames.push(frame);
    this.#keptBytes += frame.bytes;
    if (this.#frames.length > MAX_FRAMES || this.#keptBytes > MAX_KEPT_BYTES) this.#dropOldest();
    for (const waiter of this.#waiters) if (frame.seq > waiter.since && waiter.predicate(frame)) waiter.settle({ ok: true, frame });
  }

  /** No more messages will come; everybody who waits is told why. */
  end(reason: string): void {
    this.#ended ??= reason;
    for (const waiter of this.#waiters) waiter.settle({ ok: false, problem: this.#problem(reason) });
  }

  /** The first kept or coming message the predicate accepts. */
  next(predicate: (frame: Frame) => boolean, { withinMs, since = 0 }: NextOptions): Promise<NextFrame> {
    const kept = this.#frames.find((frame) => frame.seq > since && predicate(frame));
    if (kept !== undefined) return Promise.resolve({ ok: true, frame: kept });
    if (this.#ended !== null) return Promise.resolve({ ok: false, problem: this.#problem(this.#ended) });
    return new Promise((resolve) => {
      const settle = (result: NextFrame): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(result);
      };
      const timer = setTimeout(() => settle({ ok: false, problem: this.#problem(`nothing fitting within ${withinMs} ms`) }), withinMs);
      const waiter: Waiter = { predicate, since, settle };
      this.#waiters.add(waiter);
    });
  }

  #problem(reason: string): string {
    const last = this.#frames.at(-1);
    const seen =
      last === undefined
        ? 'no message came'
        : `${this.#seq} messages came, the last: ${last.binary ? `${last.bytes} binary bytes` : last.text.slice(0, 120)}`;
    return `${reason}; ${seen}`;
  }

  /** Half at once: dropping one by one would make every push linear. */
  #dropOldest(): void {
    const dropped = this.#frames.splice(0, Math.ceil(this.#frames.length / 2));
    this.#dropped += dropped.length;
    this.#keptBytes -= dropped.reduce((sum, frame) => sum + frame.bytes, 0);
  }
}
