import { ServiceError } from './service-error.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

export interface BreakerOptions {
  /** Failures within `windowMs` that open it. */
  readonly failures: number;
  readonly windowMs: number;
  /** How long it stays open before trials are let through. */
  readonly openMs: number;
  /** Trials let through while half open, and how many of them must succeed to close it. */
  readonly trials: number;
  readonly successes: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export const BREAKER_DEFAULTS: BreakerOptions = { failures: 5, windowMs: 60_000, openMs: 1000, trials: 3, successes: 2 };

export interface BreakerStatus {
  readonly name: string;
  readonly state: BreakerState;
  readonly failures: number;
  readonly transitions: number;
  readonly retry_in_ms: number | null;
}

/** Stops calling a dependency that keeps failing, and lets a few trials through to see whether it is back. */
export class Breaker {
  readonly #name: string;
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #state: BreakerState = 'closed';
  #failedAtMs: number[] = [];
  #openedAtMs = 0;
  #trialsLeft = 0;
  #trialSuccesses = 0;
  #transitions = 0;

  constructor(name: string, options: BreakerOptions = BREAKER_DEFAULTS) {
    this.#name = name;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Runs `call` and counts how it ends.
   * @param isFailure whether an error says something about the dependency; one about the input does not.
   * @throws ServiceError circuit_open without calling, or whatever `call` throws.
   */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = isDependencyFailure): Promise<T> {
    this.#admit();
    try {
      const result = await call();
      this.#succeeded();
      return result;
    } catch (error) {
      if (isFailure(error)) this.#failed();
      else this.#succeeded();
      throw error;
    }
  }

  status(): BreakerStatus {
    const retryInMs = this.#state === 'open' ? Math.max(0, Math.round(this.#openedAtMs + this.#options.openMs - this.#now())) : null;
    return {
      name: this.#name,
      state: this.#state,
      failures: this.#recentFailures(),
      transitions: this.#transitions,
      retry_in_ms: retryInMs,
    };
  }

  #admit(): void {
    if (this.#state === 'closed') return;
    const retryAfterMs = this.#openedAtMs + this.#options.openMs - this.#now();
    // A half-open breaker whose trials never came back starts over, or it would refuse for ever.
    if (retryAfterMs <= 0 && (this.#state === 'open' || this.#trialsLeft === 0)) this.#halfOpen();
    if (this.#state === 'open' || this.#trialsLeft === 0) {
      throw new ServiceError('circuit_open', `${this.#name} keeps failing and is not called for now`, {
        retryAfterMs: Math.max(1, retryAfterMs),
      });
    }
    this.#trialsLeft--;
  }

  #halfOpen(): void {
    this.#move('half_open');
    this.#openedAtMs = this.#now();
    this.#trialsLeft = this.#options.trials;
    this.#trialSuccesses = 0;
  }

  #succeeded(): void {
    if (this.#state !== 'half_open') return;
    this.#trialSuccesses++;
    if (this.#trialSuccesses < this.#options.successes) return;
    this.#move('closed');
    this.#failedAtMs = [];
  }

  #failed(): void {
    this.#failedAtMs.push(this.#now());
    const tooMany = this.#recentFailures() >= this.#options.failures;
    if (this.#state === 'half_open' || (this.#state === 'closed' && tooMany)) {
      this.#move('open');
      this.#openedAtMs = this.#now();
    }
  }

  #recentFailures(): number {
    const since = this.#now() - this.#options.windowMs;
    this.#failedAtMs = this.#failedAtMs.filter((at) => at > since).slice(-this.#options.failures);
    return this.#failedAtMs.length;
  }

  #move(to: BreakerState): void {
    if (this.#state !== to) this.#transitions++;
    this.#state = to;
  }
}

/** Whether an error says that the dependency is not well: it did not answer, not in time, or with a server error. */
export function isDependencyFailure(error: unknown): boolean {
  return (
    !(error instanceof ServiceError) || error.code === 'timeout' || error.code === 'dependency_unavailable' || error.code === 'internal'
  );
}
