import type { LoadClock } from './clock.ts';
import { systemClock } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import { Fifo } from './fifo.ts';
import { Flight, Flights } from './flights.ts';
import { LiveMeter } from './live-meter.ts';
import { LoadBook } from './load-book.ts';
import type { Operation } from './operation.ts';
import { pace } from './pacer.ts';
import type { Shard } from './plan.ts';
import type { ShardReport, ShardSnapshot } from './shard-report.ts';
import type { PlannedSchedule } from './shapes.ts';
import type { StopWhen } from './stop-rule.ts';
import type { LoadOptions } from './types.ts';

/** Catching up is interrupted after so many sends, so that answers are read in between. */
const BURST = 128;
/** Time calls that were cut off get to stop. */
const GRACE_MS = 1000;

export interface EngineOptions extends Omit<LoadOptions, 'schedule' | 'action'> {
  readonly schedule: PlannedSchedule;
  readonly shard: Shard;
  /** Of all shards together. */
  readonly whole: { readonly perSecond: number; readonly maxInFlight: number };
  /** Offset from which the drain counts at the earliest, so that all shards give the target the same time; the last arrival when absent. */
  readonly drainFromMs?: number;
  /** One per entry of the mix. */
  readonly operations: readonly Operation[];
  /** The operations end also calls that were cancelled. */
  readonly endsCancelled?: boolean;
  /** CLOCK_MONOTONIC instant of offset 0 of the schedule; at once when absent. What is past already is sent late. */
  readonly startAtMs?: number;
  readonly stopWhen?: StopWhen;
  readonly onSnapshot?: (snapshot: ShardSnapshot) => void;
}

/** Sends what is due when it is due, whatever the target does, and resolves when the last is settled. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #clock: LoadClock;
  readonly #flights: Flights;
  readonly #book: LoadBook;
  readonly #live: LiveMeter;
  readonly #queue = new Fifo<Flight>();
  readonly #patience: Deadlines<Flight>;
  readonly #startedAtMs: number;
  readonly #agents: number;
  #issued = 0;
  #over = false;
  #refilling = false;
  #cancelTimer: (() => void) | null = null;
  #resolve: (() => void) | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { operations, timeoutMs, warmupMs, onWindow, onSnapshot, stopWhen } = options;
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#agents = options.agents ?? 1;
    this.#startedAtMs = options.startAtMs ?? clock.nowMs();
    this.#book = new LoadBook(options, this.#startedAtMs);
    const endsCancelled = options.endsCancelled === true;
    this.#flights = new Flights({ operations, timeoutMs, clock, endsCancelled, onEnd: (flight) => this.#ended(flight) });
    this.#patience = new Deadlines<Flight>(
      clock,
      (flight) => flight.sentAtMs !== null || flight.ending !== null,
      (flight) => this.#drop(flight),
    );
    this.#live = new LiveMeter({
      clock,
      startedAtMs: this.#startedAtMs,
      warmupMs,
      level: () => ({ inFlight: this.#flights.active, queued: this.#queue.length }),
      onWindow,
      onSnapshot,
      stopWhen,
      onStop: (reason) => this.#endEarly(reason),
    });
  }

  async run(): Promise<ShardReport> {
    const { signal } = this.#options;
    const abort = () => this.#endEarly(null);
    signal?.addEventListener('abort', abort, { once: true });
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      if (signal?.aborted === true) abort();
      else if (this.#elapsedMs() >= 0) this.#begin();
      else this.#cancelTimer = this.#clock.at(this.#startedAtMs, () => this.#begin());
    });
    signal?.removeEventListener('abort', abort);
    this.#over = true;
    this.#patience.close();
    this.#cancelTimer?.();
    this.#live.stop();
    const leaked = await this.#flights.idle(GRACE_MS);
    return this.#book.report({ leaked, crashes: this.#flights.crashes });
  }

  #begin(): void {
    this.#book.begun();
    this.#live.start();
    this.#pace();
  }

  #pace(): void {
    const { schedule } = this.#options;
    for (let sent = 0; !this.#over; sent += 1) {
      const elapsedMs = this.#elapsedMs();
      const next = pace(schedule, elapsedMs, this.#issued);
      if (next.kind === 'done') return this.#drain();
      if (next.kind === 'wait' || sent >= BURST) {
        const untilMs = next.kind === 'wait' ? next.untilMs : elapsedMs;
        this.#cancelTimer = this.#clock.at(this.#startedAtMs + untilMs, () => this.#pace());
        return;
      }
      this.#issue(elapsedMs);
    }
  }

  #issue(elapsedMs: number): void {
    const { schedule, maxInFlight, timeoutMs } = this.#options;
    const own = this.#issued;
    this.#issued += 1;
    const index = schedule.globalIndex(own);
    const arrival = { index, dueMs: schedule.dueAt(own), agent: index % this.#agents };
    const flight = new Flight(arrival, schedule.entryOf(own), this.#flights);
    const free = this.#flights.active < maxInFlight && this.#queue.length === 0;
    this.#live.scheduled();
    this.#book.issued(flight, elapsedMs, !free);
    if (free) return this.#send(flight, elapsedMs);
    this.#queue.push(flight);
    this.#patience.add(flight, this.#startedAtMs + arrival.dueMs + timeoutMs);
  }

  #send(flight: Flight, elapsedMs: number): void {
    this.#live.sent();
    this.#book.sent(flight, elapsedMs, this.#flights.active + 1);
    this.#flights.start(flight, this.#startedAtMs + elapsedMs);
  }

  #ended(flight: Flight): void {
    if (this.#over) {
      this.#book.cancelled(flight);
      return;
    }
    const atMs = this.#elapsedMs();
    const success = this.#book.ended(flight, atMs);
    this.#live.settled(atMs - flight.arrival.dueMs, success);
    if (this.#queue.length > 0) this.#refill();
    this.#finishWhenIdle();
  }

  /** Gives free slots to those who wait longest. What ends at once frees its slot for the next turn of the loop, not for a deeper call. */
  #refill(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    while (!this.#over && this.#flights.active < this.#options.maxInFlight) {
      const flight = this.#queue.shift();
      if (flight === undefined) break;
      if (flight.ending === null) this.#send(flight, this.#elapsedMs());
    }
    this.#refilling = false;
  }

  #drop(flight: Flight): void {
    flight.ending = 'dropped';
    while (this.#queue.length > 0 && this.#queue.peek()?.ending === 'dropped') this.#queue.shift();
    const latencyMs = this.#elapsedMs() - flight.arrival.dueMs;
    this.#book.dropped(flight, latencyMs);
    this.#live.settled(latencyMs, false);
    this.#finishWhenIdle();
  }

  #drain(): void {
    this.#book.paced();
    const cut = () => {
      this.#empty((flight) => this.#drop(flight));
      this.#flights.cutAll();
      this.#finishWhenIdle();
    };
    const { drainMs, drainFromMs = 0 } = this.#options;
    this.#cancelTimer = this.#clock.at(this.#startedAtMs + Math.max(this.#elapsedMs(), drainFromMs) + drainMs, cut);
    this.#finishWhenIdle();
  }

  #endEarly(stopped: string | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelTimer?.();
    this.#book.endedEarly(this.#elapsedMs(), stopped);
    this.#empty((flight) => this.#book.cancelled(flight));
    this.#flights.cutAll();
    this.#resolve?.();
  }

  #empty(each: (flight: Flight) => void): void {
    for (let flight = this.#queue.shift(); flight !== undefined; flight = this.#queue.shift()) {
      if (flight.ending === null) each(flight);
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
