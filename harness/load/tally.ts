import type { Outcome } from '../model/outcome.ts';
import { OUTCOMES } from '../model/outcome.ts';
import { LatencyStore, RAW_SAMPLES } from './latency-store.ts';
import type { LoadWindow } from './types.ts';

const MIN_WINDOWS = 20;
const MAX_WINDOWS = 600;

/** Windows of about a second, but at least 20: what the dependence correction of ratios and quantiles needs. */
export function windowCount(spanMs: number): number {
  return Math.min(MAX_WINDOWS, Math.max(MIN_WINDOWS, Math.round(spanMs / 1000)));
}

export interface TallyOptions {
  /** Offset of the measured time from the start of the load. */
  readonly fromMs: number;
  readonly spanMs: number;
  readonly windows: number;
  readonly successOutcomes: readonly Outcome[];
}

interface Bin {
  readonly latencies: LatencyStore;
  successes: number;
  trials: number;
  arrived: number;
}

/** Counts settled arrivals by outcome and by time window. */
export class Tally {
  readonly byOutcome: Record<Outcome, number> = emptyOutcomes();
  readonly windowMs: number;
  readonly #options: TallyOptions;
  readonly #bins: Bin[];

  constructor(options: TallyOptions) {
    this.#options = options;
    this.windowMs = options.spanMs / options.windows;
    const capacity = Math.max(1, Math.floor(RAW_SAMPLES / options.windows));
    this.#bins = Array.from({ length: options.windows }, () => ({
      latencies: new LatencyStore(capacity),
      successes: 0,
      trials: 0,
      arrived: 0,
    }));
  }

  isSuccess(outcome: Outcome): boolean {
    return this.#options.successOutcomes.includes(outcome);
  }

  /** A trial that ended: due at `dueMs`, settled `latencyMs` later. `outcome` null: it was never sent. */
  settle(dueMs: number, latencyMs: number, outcome: Outcome | null): void {
    const bin = this.#binAt(dueMs);
    if (bin === undefined) return;
    bin.trials += 1;
    bin.latencies.add(latencyMs);
    if (outcome === null) return;
    this.byOutcome[outcome] += 1;
    if (this.isSuccess(outcome)) bin.successes += 1;
  }

  /** A successful answer that arrived at `atMs`, whenever it was due. */
  arrived(atMs: number): void {
    const bin = this.#binAt(atMs);
    if (bin !== undefined) bin.arrived += 1;
  }

  /** The windows up to `endMs`; the one that is cut gets the length that was measured. */
  windows(endMs: number): LoadWindow[] {
    return this.#bins.flatMap((bin, index) => {
      const startMs = this.#options.fromMs + index * this.windowMs;
      const lengthMs = Math.min(this.windowMs, endMs - startMs);
      if (lengthMs <= 0) return [];
      const achievedPerSecond = (bin.arrived * 1000) / lengthMs;
      return [{ startMs, lengthMs, latenciesMs: bin.latencies.values(), successes: bin.successes, trials: bin.trials, achievedPerSecond }];
    });
  }

  #binAt(offsetMs: number): Bin | undefined {
    return this.#bins[Math.floor((offsetMs - this.#options.fromMs) / this.windowMs)];
  }
}

export function emptyOutcomes(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}
