import type { LoadClock } from './clock.ts';
import { quantilesOf } from './quantile.ts';
import type { LiveWindow } from './types.ts';

const EVERY_MS = 500;

type Level = Pick<LiveWindow, 'inFlight' | 'queued'>;

/** Tells a listener every half second what happened since the last time; does nothing without one. */
export class LiveMeter {
  readonly #clock: LoadClock;
  readonly #listener: ((live: LiveWindow) => void) | undefined;
  readonly #level: () => Level;
  #cancel: (() => void) | null = null;
  #startedAtMs = 0;
  #sinceMs = 0;
  #sent = 0;
  #successes = 0;
  #latenciesMs: number[] = [];

  constructor(clock: LoadClock, listener: ((live: LiveWindow) => void) | undefined, level: () => Level) {
    this.#clock = clock;
    this.#listener = listener;
    this.#level = level;
  }

  start(): void {
    this.#startedAtMs = this.#clock.nowMs();
    this.#sinceMs = this.#startedAtMs;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  sent(): void {
    this.#sent += 1;
  }

  settled(latencyMs: number, success: boolean): void {
    if (this.#listener === undefined) return;
    this.#latenciesMs.push(latencyMs);
    if (success) this.#successes += 1;
  }

  #arm(): void {
    if (this.#listener === undefined) return;
    this.#cancel = this.#clock.at(this.#sinceMs + EVERY_MS, () => {
      this.#tell();
      this.#arm();
    });
  }

  #tell(): void {
    const nowMs = this.#clock.nowMs();
    this.#listener?.({
      elapsedMs: nowMs - this.#startedAtMs,
      sentPerSecond: (this.#sent * 1000) / Math.max(1, nowMs - this.#sinceMs),
      successes: this.#successes,
      trials: this.#latenciesMs.length,
      p95Ms: quantilesOf(this.#latenciesMs)?.p95 ?? null,
      ...this.#level(),
    });
    this.#sinceMs = nowMs;
    this.#sent = 0;
    this.#successes = 0;
    this.#latenciesMs = [];
  }
}
