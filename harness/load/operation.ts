import type { Outcome } from '../model/outcome.ts';
import type { Arrival } from './types.ts';

/** One arrival of an operation under way. `end` and `crash` are methods: they need their call. */
export interface Call {
  /** Its index is that in the whole schedule, whoever of the workers sends it. */
  readonly arrival: Arrival;
  /**
   * Set by the operation while something can be cut off; the engine calls it, once, at a time-out and at the end of the load. After it
   * `end` may be called or not: it no longer counts. A call without it that has not ended a second after the load counts as leaked.
   */
  cancel: (() => void) | null;
  /** What the target did, also when that is bad. The first call counts. */
  end(outcome: Outcome, bytes?: number): void;
  /** The operation itself is broken: a harness fault, never the target's. */
  crash(error: unknown): void;
}

/**
 * A kind of work as the engine starts it, without a promise per request. Agents' sessions live in it: they are opened before the load by
 * `open`, or on first use, and closed at disposal.
 */
export interface Operation extends AsyncDisposable {
  readonly name: string;
  /** Opens what the agents need (sockets, sessions) before the first arrival is due. Never rejects for what the target does. */
  open?(agents: readonly number[], signal: AbortSignal): Promise<void>;
  /** Sends it. May end the call before it returns; what it throws counts as `crash`. */
  start(call: Call): void;
}
