import { messageOf } from '../model/errors.ts';
import type { Outcome } from '../model/outcome.ts';
import type { LoadClock } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import type { Call, Operation } from './operation.ts';
import type { Arrival } from './types.ts';

/** How a call came to its end. `cut`: the engine ended it because the load is over. */
export type Ending = 'answered' | 'timeout' | 'cut' | 'crashed';

export interface FlightsOptions {
  /** One per entry of the mix. */
  readonly operations: readonly Operation[];
  readonly timeoutMs: number;
  readonly clock: LoadClock;
  /** Called exactly once per started flight. */
  readonly onEnd: (flight: Flight) => void;
  /** The operations always end their calls, also those that were cancelled; so whoever has not is still running. */
  readonly endsCancelled?: boolean;
}

const MAX_EXAMPLES = 5;

/** One arrival on its way through the engine: waiting for a slot, under way, over. The only object it makes per call. */
export class Flight implements Call {
  readonly arrival: Arrival;
  /** Its entry of the mix. */
  readonly entry: number;
  /** CLOCK_MONOTONIC; null: it has no slot yet. */
  sentAtMs: number | null = null;
  /** null: it waits or is under way. */
  ending: Ending | 'dropped' | null = null;
  outcome: Outcome = 'unknown';
  bytes = 0;
  cancel: (() => void) | null = null;
  /** Position among those under way. */
  slot = -1;
  /** Over for the engine, but not stopped. */
  stray = false;
  readonly #flights: Flights;

  constructor(arrival: Arrival, entry: number, flights: Flights) {
    this.arrival = arrival;
    this.entry = entry;
    this.#flights = flights;
  }

  end(outcome: Outcome, bytes = 0): void {
    this.#flights.answered(this, outcome, bytes);
  }

  crash(error: unknown): void {
    this.#flights.crashed(this, error);
  }
}

/** Calls under way: starts them, times them out, cuts them off, and knows which of them do not stop. */
export class Flights {
  readonly #options: FlightsOptions;
  readonly #active: Flight[] = [];
  readonly #deadlines: Deadlines<Flight>;
  #strays = 0;
  #whenIdle: (() => void) | null = null;
  #crashes = 0;
  readonly #crashExamples: string[] = [];

  constructor(options: FlightsOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(
      options.clock,
      (flight) => flight.ending !== null,
      (flight) => this.#abort(flight, 'timeout'),
    );
  }

  get active(): number {
    return this.#active.length;
  }

  get crashes(): { readonly count: number; readonly examples: readonly string[] } {
    return { count: this.#crashes, examples: this.#crashExamples };
  }

  start(flight: Flight, atMs: number): void {
    flight.sentAtMs = atMs;
    flight.slot = this.#active.length;
    this.#active.push(flight);
    this.#deadlines.add(flight, atMs + this.#options.timeoutMs);
    try {
      this.#options.operations[flight.entry]?.start(flight);
    } catch (error) {
      this.crashed(flight, error);
    }
  }

  answered(flight: Flight, outcome: Outcome, bytes: number): void {
    if (flight.ending !== null) return this.#straggled(flight);
    flight.outcome = outcome;
    flight.bytes = bytes;
    this.#end(flight, 'answered');
    flight.cancel = null;
  }

  crashed(flight: Flight, error: unknown): void {
    // Failing is how many operations answer their end; only one that fails by itself is broken.
    if (flight.ending !== null) return this.#straggled(flight);
    this.#noteCrash(error);
    this.#end(flight, 'crashed');
    flight.cancel = null;
  }

  /** Ends all that is under way. */
  cutAll(): void {
    this.#deadlines.close();
    for (const flight of this.#active.slice()) this.#abort(flight, 'cut');
  }

  /** Waits until every call has really stopped, at most `graceMs`; resolves with the number that has not. */
  async idle(graceMs: number): Promise<number> {
    this.#deadlines.close();
    if (this.#strays === 0) return 0;
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + graceMs, resolve);
      this.#whenIdle = () => {
        cancel();
        resolve();
      };
    });
    return this.#strays;
  }

  #abort(flight: Flight, ending: 'timeout' | 'cut'): void {
    if (flight.ending !== null) return;
    const { cancel } = flight;
    flight.cancel = null;
    if (cancel === null || this.#options.endsCancelled === true) {
      flight.stray = true;
      this.#strays += 1;
    }
    this.#end(flight, ending);
    try {
      cancel?.();
    } catch (error) {
      this.#noteCrash(error);
    }
  }

  #straggled(flight: Flight): void {
    if (!flight.stray) return;
    flight.stray = false;
    this.#strays -= 1;
    if (this.#strays === 0) this.#whenIdle?.();
  }

  #noteCrash(error: unknown): void {
    this.#crashes += 1;
    if (this.#crashExamples.length < MAX_EXAMPLES) this.#crashExamples.push(messageOf(error));
  }

  #end(flight: Flight, ending: Ending): void {
    flight.ending = ending;
    const last = this.#active.pop();
    if (last !== undefined && last !== flight) {
      this.#active[flight.slot] = last;
      last.slot = flight.slot;
    }
    this.#options.onEnd(flight);
  }
}
