import { getEventListeners } from 'node:events';
import { messageOf } from '../model/errors.ts';
import type { LoadClock } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import type { Action, ActionResult, Arrival } from './types.ts';

/** How an action came to its end. `cut`: the engine aborted it because the load is over. */
export type Ending = { readonly kind: 'answered'; readonly result: ActionResult } | { readonly kind: 'timeout' | 'cut' | 'crashed' };

export interface Flight {
  readonly arrival: Arrival;
  readonly sentAtMs: number;
  readonly controller: AbortController;
  over: boolean;
}

export interface FlightsOptions {
  readonly action: Action;
  readonly timeoutMs: number;
  readonly clock: LoadClock;
  /** Called exactly once per started action. */
  readonly onEnd: (flight: Flight, ending: Ending) => void;
}

const MAX_EXAMPLES = 5;

/** Actions under way: starts them, times them out, cuts them off, and knows which of them do not stop. */
export class Flights {
  readonly #options: FlightsOptions;
  readonly #active = new Set<Flight>();
  readonly #deadlines: Deadlines<Flight>;
  readonly #unused: AbortController[] = [];
  #running = 0;
  #whenIdle: (() => void) | null = null;
  #crashes = 0;
  readonly #crashExamples: string[] = [];

  constructor(options: FlightsOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(
      options.clock,
      (flight) => flight.over,
      (flight) => this.#abort(flight, 'timeout'),
    );
  }

  get active(): number {
    return this.#active.size;
  }

  get crashes(): { readonly count: number; readonly examples: readonly string[] } {
    return { count: this.#crashes, examples: this.#crashExamples };
  }

  start(arrival: Arrival): void {
    const sentAtMs = this.#options.clock.nowMs();
    const flight: Flight = { arrival, sentAtMs, controller: this.#unused.pop() ?? new AbortController(), over: false };
    this.#active.add(flight);
    this.#deadlines.add(flight, sentAtMs + this.#options.timeoutMs);
    void this.#run(flight);
  }

  /** Aborts all that is under way. */
  cutAll(): void {
    this.#deadlines.close();
    for (const flight of this.#active) this.#abort(flight, 'cut');
  }

  /** Waits until every action has really returned, at most `graceMs`; resolves with the number that has not. */
  async idle(graceMs: number): Promise<number> {
    this.#deadlines.close();
    if (this.#running === 0) return 0;
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + graceMs, resolve);
      this.#whenIdle = () => {
        cancel();
        resolve();
      };
    });
    return this.#running;
  }

  async #run(flight: Flight): Promise<void> {
    this.#running += 1;
    try {
      const result = await this.#options.action(flight.arrival, flight.controller.signal);
      this.#end(flight, { kind: 'answered', result });
      this.#takeBack(flight.controller);
    } catch (error) {
      this.#crashed(flight, error);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#whenIdle?.();
    }
  }

  /** Making a controller costs more than all else the engine does for an action, so those nobody listens to serve again. */
  #takeBack(controller: AbortController): void {
    if (!controller.signal.aborted && getEventListeners(controller.signal, 'abort').length === 0) this.#unused.push(controller);
  }

  #crashed(flight: Flight, error: unknown): void {
    // Rejecting is how many actions answer an abort; only an action that rejects by itself is broken.
    if (flight.over) return;
    this.#crashes += 1;
    if (this.#crashExamples.length < MAX_EXAMPLES) this.#crashExamples.push(messageOf(error));
    this.#end(flight, { kind: 'crashed' });
  }

  #abort(flight: Flight, kind: 'timeout' | 'cut'): void {
    this.#end(flight, { kind });
    flight.controller.abort();
  }

  #end(flight: Flight, ending: Ending): void {
    if (flight.over) return;
    flight.over = true;
    this.#active.delete(flight);
    this.#options.onEnd(flight, ending);
  }
}
