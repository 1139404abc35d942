import { setMaxListeners } from 'node:events';
import type { Call } from '../../../load/index.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { OpeningCount } from '../operation-context.ts';
import { HandshakeGate } from './handshake-gate.ts';

/** What came of opening something; `outcome` is what a call that needs it ends with. */
export type Opening<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly outcome: Outcome };

export interface PerAgentOptions<T> {
  /** Opens it for one agent. Never rejects for what the target does; gives up soon after `signal` aborts. */
  readonly open: (agent: number, signal: AbortSignal) => Promise<Opening<T>>;
  readonly perSecond: number;
  /** Milliseconds of a clock that never goes back; `performance.now` when absent. */
  readonly nowMs?: () => number;
}

/** Unless a load says otherwise. */
export const CONNECT_PER_SECOND = 1_000;
/** After an opening failed, the next is tried no earlier; doubled with each failure in a row. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** What breaks sooner than this after it was opened counts as not opened. */
const SHORT_LIFE_MS = 1_000;

interface Waiter<T> {
  readonly call: Call;
  readonly ready: (value: T) => void;
}

interface Attempt {
  readonly signal: AbortSignal;
  /** Where our own defects go, besides the calls that wait. */
  readonly crashes: unknown[] | null;
}

/** One agent's; small, because there may be thousands. */
class Slot<T> {
  value: T | null = null;
  openedAtMs = 0;
  /** Under way; never rejects. */
  attempt: Promise<void> | null = null;
  failures = 0;
  notBeforeMs = 0;
  outcome: Outcome = 'unknown';
  waiters: Waiter<T>[] | null = null;
}

/**
 * Something each agent has of its own: a session, a key. Opened before the load, or when a call needs it; what breaks is opened again by
 * the next call, with growing pauses, and until then its calls end at once with what the last attempt met.
 */
export class PerAgent<T> {
  readonly #options: PerAgentOptions<T>;
  readonly #slots = new Map<number, Slot<T>>();
  readonly #gate: HandshakeGate;
  readonly #stop = new AbortController();
  readonly #nowMs: () => number;

  constructor(options: PerAgentOptions<T>) {
    this.#options = options;
    this.#gate = new HandshakeGate(options.perSecond);
    quiet(this.#stop.signal);
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Opens what is not open; resolves when each was tried once, or soon after `signal` aborts. Rejects for our own defects only. */
  async openAll(agents: readonly number[], signal: AbortSignal, count: OpeningCount): Promise<void> {
    count.of += agents.length;
    const either = quiet(AbortSignal.any([signal, this.#stop.signal]));
    const crashes: unknown[] = [];
    const attempts: Promise<unknown>[] = [];
    for (const agent of agents) {
      const slot = this.#slot(agent);
      // One after the other into the gate, so that the rest is not waited for when the time is over.
      if (slot.value === null && slot.attempt === null && !either.aborted) await this.#enter(agent, slot, { signal: either, crashes });
      const done = slot.attempt ?? Promise.resolve();
      attempts.push(done.then(() => (slot.value === null ? (count.failed += 1) : (count.opened += 1))));
    }
    await Promise.all(attempts);
    if (crashes.length > 0) throw crashes[0];
  }

  /** Goes on with what the call's agent has, at once or when it is open; a call that finds it cannot be opened ends with why. */
  call(call: Call, ready: (value: T) => void): void {
    const { agent } = call.arrival;
    const slot = this.#slot(agent);
    if (slot.value !== null) return ready(slot.value);
    if (slot.attempt === null && this.#nowMs() < slot.notBeforeMs) return call.end(slot.outcome);
    const waiter: Waiter<T> = { call, ready };
    slot.waiters ??= [];
    slot.waiters.push(waiter);
    call.cancel = () => {
      slot.waiters = slot.waiters?.filter((other) => other !== waiter) ?? null;
    };
    if (slot.attempt === null) void this.#enter(agent, slot, { signal: this.#stop.signal, crashes: null });
  }

  /** It broke: the next call opens it anew. Without effect when another one is there by now. */
  lost(agent: number, value: T, outcome: Outcome): void {
    const slot = this.#slots.get(agent);
    if (slot?.value !== value) return;
    slot.value = null;
    slot.outcome = outcome;
    if (this.#nowMs() - slot.openedAtMs < SHORT_LIFE_MS) this.#pause(slot);
    else slot.failures = 0;
  }

  *values(): Iterable<T> {
    for (const { value } of this.#slots.values()) if (value !== null) yield value;
  }

  /** Nothing is opened any more; what is being opened is given up. */
  close(): void {
    this.#stop.abort();
    this.#gate.close();
  }

  #slot(agent: number): Slot<T> {
    const known = this.#slots.get(agent);
    if (known !== undefined) return known;
    const slot = new Slot<T>();
    this.#slots.set(agent, slot);
    return slot;
  }

  /** Resolves when the attempt has begun; it ends by itself. */
  async #enter(agent: number, slot: Slot<T>, { signal, crashes }: Attempt): Promise<void> {
    const entered = this.#gate.enter();
    slot.attempt = entered
      .then(async () => this.#opened(slot, signal.aborted ? GIVEN_UP : await this.#options.open(agent, signal)))
      .catch((error: unknown) => {
        crashes?.push(error);
        this.#crashed(slot, error);
      })
      .finally(() => this.#gate.left());
    await entered;
  }

  #opened(slot: Slot<T>, result: Opening<T>): void {
    const waiters = over(slot);
    if (result.ok) {
      slot.value = result.value;
      slot.openedAtMs = this.#nowMs();
      for (const waiter of waiters) goOn(waiter, result.value);
      return;
    }
    slot.outcome = result.outcome;
    this.#pause(slot);
    for (const { call } of waiters) call.end(result.outcome);
  }

  #pause(slot: Slot<T>): void {
    slot.notBeforeMs = this.#nowMs() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** slot.failures);
    slot.failures = Math.min(slot.failures + 1, 10);
  }

  #crashed(slot: Slot<T>, error: unknown): void {
    const waiters = over(slot);
    for (const { call } of waiters) call.crash(error);
  }
}

const GIVEN_UP = { ok: false, outcome: 'unknown' } as const;

/** As many listeners as handshakes under way are no leak. */
function quiet(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** Who waited; from here on a call begins an attempt of its own. */
function over<T>(slot: Slot<T>): readonly Waiter<T>[] {
  const { waiters } = slot;
  slot.attempt = null;
  slot.waiters = null;
  return waiters ?? [];
}

/** What throws is one call's own: the others go on. */
function goOn<T>({ call, ready }: Waiter<T>, value: T): void {
  try {
    ready(value);
  } catch (error) {
    call.crash(error);
  }
}
