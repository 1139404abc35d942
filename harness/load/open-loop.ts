import { MusterError } from '../model/errors.ts';
import type { LoadClock } from './clock.ts';
import { systemClock } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import { Fifo } from './fifo.ts';
import type { Ending, Flight } from './flights.ts';
import { Flights } from './flights.ts';
import { LiveMeter } from './live-meter.ts';
import { LoadBook } from './load-book.ts';
import { pace } from './pacer.ts';
import type { Arrival, LoadOptions, LoadResult } from './types.ts';

/** Catching up is interrupted after so many sends, so that answers are read in between. */
const BURST = 128;
/** Time aborted actions get to return. */
const GRACE_MS = 1000;

interface Waiting {
  readonly arrival: Arrival;
  gone: boolean;
}

/**
 * Sends actions when they are due, whatever the target does, and resolves when the last is settled. Never rejects for
 * what the target does; an aborted load resolves with what was measured until then.
 * @throws MusterError when the options cannot give a measurement (no measured time, no slot, no time-out).
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  check(options);
  return new OpenLoop(options).run();
}

class OpenLoop {
  readonly #options: LoadOptions;
  readonly #clock: LoadClock;
  readonly #flights: Flights;
  readonly #book: LoadBook;
  readonly #live: LiveMeter;
  readonly #queue = new Fifo<Waiting>();
  readonly #patience: Deadlines<Waiting>;
  readonly #startedAtMs: number;
  #issued = 0;
  #over = false;
  #cancelTimer: (() => void) | null = null;
  #resolve: (() => void) | null = null;

  constructor(options: LoadOptions) {
    this.#options = options;
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#startedAtMs = clock.nowMs();
    this.#book = new LoadBook(options, this.#startedAtMs);
    this.#flights = new Flights({
      action: options.action,
      timeoutMs: options.timeoutMs,
      clock,
      onEnd: (flight, ending) => this.#ended(flight, ending),
    });
    this.#patience = new Deadlines<Waiting>(
      clock,
      (waiting) => waiting.gone,
      (waiting) => this.#drop(waiting),
    );
    this.#live = new LiveMeter(clock, options.onWindow, () => ({ inFlight: this.#flights.active, queued: this.#queue.length }));
  }

  async run(): Promise<LoadResult> {
    const { signal } = this.#options;
    const abort = () => this.#abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#live.start();
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      if (signal?.aborted === true) this.#abort();
      else this.#pace();
    });
    signal?.removeEventListener('abort', abort);
    this.#live.stop();
    this.#patience.close();
    this.#cancelTimer?.();
    const leaked = await this.#flights.idle(GRACE_MS);
    return this.#book.result({ leaked, crashes: this.#flights.crashes });
  }

  #pace(): void {
    const { schedule } = this.#options;
    for (let sent = 0; !this.#over; sent += 1) {
      const next = pace(schedule, this.#elapsedMs(), this.#issued);
      if (next.kind === 'done') return this.#drain();
      const untilMs = next.kind === 'wait' ? next.untilMs : this.#elapsedMs();
      if (next.kind === 'wait' || sent >= BURST) {
        this.#cancelTimer = this.#clock.at(this.#startedAtMs + untilMs, () => this.#pace());
        return;
      }
      this.#issue();
    }
  }

  #issue(): void {
    const index = this.#issued;
    this.#issued += 1;
    const arrival: Arrival = { index, dueMs: this.#options.schedule.dueAt(index), agent: index % (this.#options.agents ?? 1) };
    const free = this.#flights.active < this.#options.maxInFlight && this.#queue.length === 0;
    this.#book.issued(arrival, this.#elapsedMs(), !free);
    if (free) return this.#send(arrival);
    const waiting: Waiting = { arrival, gone: false };
    this.#queue.push(waiting);
    this.#patience.add(waiting, this.#startedAtMs + arrival.dueMs + this.#options.timeoutMs);
  }

  #send(arrival: Arrival): void {
    this.#live.sent();
    this.#flights.start(arrival);
    this.#book.sent(arrival, this.#flights.active);
  }

  #ended(flight: Flight, ending: Ending): void {
    const atMs = this.#elapsedMs();
    if (this.#over && ending.kind === 'cut') {
      this.#book.cancelled(flight.arrival);
    } else {
      const success = this.#book.ended(flight, ending, atMs);
      this.#live.settled(atMs - flight.arrival.dueMs, success);
    }
    this.#refill();
  }

  /** Gives free slots to those who wait longest. */
  #refill(): void {
    while (!this.#over && this.#flights.active < this.#options.maxInFlight) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) break;
      if (waiting.gone) continue;
      waiting.gone = true;
      this.#send(waiting.arrival);
    }
    this.#finishWhenIdle();
  }

  #drop(waiting: Waiting): void {
    waiting.gone = true;
    while (this.#queue.peek()?.gone === true) this.#queue.shift();
    const latencyMs = this.#elapsedMs() - waiting.arrival.dueMs;
    this.#book.dropped(waiting.arrival, latencyMs);
    this.#live.settled(latencyMs, false);
    this.#finishWhenIdle();
  }

  #drain(): void {
    const cut = () => {
      this.#empty((waiting) => this.#drop(waiting));
      this.#flights.cutAll();
      this.#finishWhenIdle();
    };
    this.#cancelTimer = this.#clock.at(this.#clock.nowMs() + this.#options.drainMs, cut);
    this.#finishWhenIdle();
  }

  #abort(): void {
    this.#over = true;
    this.#cancelTimer?.();
    this.#book.abortedAt(this.#elapsedMs());
    this.#empty((waiting) => this.#book.cancelled(waiting.arrival));
    this.#flights.cutAll();
    this.#resolve?.();
  }

  #empty(each: (waiting: Waiting) => void): void {
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift()) {
      if (waiting.gone) continue;
      waiting.gone = true;
      each(waiting);
    }
  }

  #finishWhenIdle(): void {
    const idle = this.#issued >= this.#options.schedule.count && this.#queue.length === 0 && this.#flights.active === 0;
    if (idle) this.#resolve?.();
  }

  #elapsedMs(): number {
    return this.#clock.nowMs() - this.#startedAtMs;
  }
}

function check(options: LoadOptions): void {
  const { schedule, warmupMs, maxInFlight, timeoutMs, drainMs } = options;
  const wrong = [
    ...(warmupMs >= 0 && warmupMs < schedule.durationMs
      ? []
      : [`warmupMs is ${warmupMs}, expected 0 or more and less than the duration ${schedule.durationMs}`]),
    ...(maxInFlight >= 1 ? [] : [`maxInFlight is ${maxInFlight}, expected at least 1`]),
    ...(timeoutMs > 0 ? [] : [`timeoutMs is ${timeoutMs}, expected more than 0`]),
    ...(drainMs >= 0 ? [] : [`drainMs is ${drainMs}, expected 0 or more`]),
  ];
  if (wrong.length === 0) return;
  throw new MusterError(`Load: ${wrong.join('; ')}.`, {
    code: 'MUSTER_LOAD_OPTIONS',
    blame: 'harness',
    hint: 'Correct the options of runLoad in the check that starts this load.',
  });
}
