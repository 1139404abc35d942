import { RecentCalls } from './recent-calls.ts';
import { ServiceError } from './service-error.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

export interface BreakerOptions {
  /** Failures within `windowMs` that open it. */
  readonly failures: number;
  /** Share of failures that opens it too, once there were `minCalls` calls. */
  readonly failureShare: number;
  readonly minCalls: number;
  readonly windowMs: number;
  /** How long it stays open before trials are let through. */
  readonly openMs: number;
  /** Trials let through while half open, and how many of them must succeed to close it. */
  readonly trials: number;
  readonly successes: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  failures: 5,
  failureShare: 0.5,
  minCalls: 5,
  windowMs: 60_000,
  openMs: 1000,
  trials: 3,
  successes: 2,
};

export interface BreakerStatus {
  readonly name: string;
  readonly state: BreakerState;
  /** Within the window. */
  readonly failures: number;
  /** RFC 3339; null while closed. */
  readonly opened_at: string | null;
  /** When trials are let through; null unless open. */
  readonly retry_at: string | null;
  readonly transitions: number;
}

/** Stops calling a dependency that keeps failing, and lets a few trials through to see whether it is back. */
export interface Breaker {
  /**
   * Runs `call` and counts how it ends.
   * @param isFailure whether an error says something about the dependency; one about the input does not.
   * @throws ServiceError circuit_open without calling, or whatever `call` throws.
   */
  run<T>(call: () => Promise<T>, isFailure?: (error: unknown) => boolean): Promise<T>;
  status(): BreakerStatus;
}

export type MakeBreaker = (name: string, options: BreakerOptions) => Breaker;

export const createBreaker: MakeBreaker = (name, options) => new CountingBreaker(name, options);

class CountingBreaker implements Breaker {
  readonly #name: string;
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  readonly #calls: RecentCalls;
  #state: BreakerState = 'closed';
  /** Moves on with every change of state: a call that ends in a later one than it began in says nothing about that one. */
  #epoch = 0;
  #openedAtMs = 0;
  #openedAt = new Date(0);
  #trials = { left: 0, succeeded: 0, failed: 0 };
  #transitions = 0;

  constructor(name: string, options: BreakerOptions) {
    this.#name = name;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#calls = new RecentCalls(options.windowMs);
  }

  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = isDependencyFailure): Promise<T> {
    const epoch = this.#admit();
    try {
      const result = await call();
      this.#ended(epoch, false);
      return result;
    } catch (error) {
      this.#ended(epoch, isFailure(error));
      throw error;
    }
  }

  status(): BreakerStatus {
    const closed = this.#state === 'closed';
    const retryAt = new Date(this.#openedAt.getTime() + this.#options.openMs);
    return {
      name: this.#name,
      state: this.#state,
      failures: this.#calls.within(this.#now()).failures,
      opened_at: closed ? null : this.#openedAt.toISOString(),
      retry_at: this.#state === 'open' ? retryAt.toISOString() : null,
      transitions: this.#transitions,
    };
  }

  #admit(): number {
    if (this.#state === 'closed') return this.#epoch;
    const retryAfterMs = this.#openedAtMs + this.#options.openMs - this.#now();
    // A half-open breaker whose trials never came back starts over, or it would refuse for ever.
    if (retryAfterMs <= 0 && (this.#state === 'open' || this.#trials.left === 0)) this.#halfOpen();
    if (this.#state === 'open' || this.#trials.left === 0) {
      throw new ServiceError('circuit_open', `${this.#name} keeps failing and is not called for now`, {
        retryAfterMs: Math.max(1, retryAfterMs),
      });
    }
    this.#trials.left--;
    return this.#epoch;
  }

  #ended(epoch: number, failed: boolean): void {
    if (epoch !== this.#epoch) return;
    this.#calls.add(this.#now(), failed);
    if (this.#state === 'half_open') this.#trialEnded(failed);
    else if (failed && this.#failsTooOften()) this.#open();
  }

  #trialEnded(failed: boolean): void {
    const { trials, successes } = this.#options;
    if (failed) this.#trials.failed++;
    else this.#trials.succeeded++;
    if (this.#trials.succeeded >= successes) this.#close();
    else if (this.#trials.failed > Math.max(0, trials - successes)) this.#open();
  }

  #failsTooOften(): boolean {
    const { failures, failureShare, minCalls } = this.#options;
    const recent = this.#calls.within(this.#now());
    return recent.failures >= failures || (recent.calls >= minCalls && recent.failures / recent.calls >= failureShare);
  }

  #open(): void {
    this.#move('open');
    this.#openedAtMs = this.#now();
    this.#openedAt = new Date();
  }

  #halfOpen(): void {
    this.#move('half_open');
    this.#openedAtMs = this.#now();
    this.#trials = { left: this.#options.trials, succeeded: 0, failed: 0 };
  }

  #close(): void {
    this.#move('closed');
    this.#calls.clear();
  }

  #move(to: BreakerState): void {
    if (this.#state !== to) this.#transitions++;
    this.#state = to;
    this.#epoch++;
  }
}

/** Whether an error says that the dependency is not well: it did not answer, not in time, or with a server error. */
export function isDependencyFailure(error: unknown): boolean {
  return (
    !(error instanceof ServiceError) || error.code === 'timeout' || error.code === 'dependency_unavailable' || error.code === 'internal'
  );
}

/** Less than this says more about the caller's patience than about the dependency. */
const FAIR_LIMIT_MS = 250;

/** As `isDependencyFailure`, but a call that was given too little time proves nothing: one caller must not close the door for all. */
export function isFailureWithin(limitMs: number): (error: unknown) => boolean {
  return (error) => isDependencyFailure(error) && !(limitMs < FAIR_LIMIT_MS && error instanceof ServiceError && error.code === 'timeout');
}
