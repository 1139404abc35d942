import type { Outcome } from '../model/outcome.ts';
import { OUTCOMES } from '../model/outcome.ts';
import type { EncodedSamples } from './latency-store.ts';
import { LatencyStore, RAW_SAMPLES } from './latency-store.ts';
import type { LoadWindow, Quantiles } from './types.ts';

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
  /** A success later than this is not in time; all are when absent. */
  readonly goodWithinMs?: number | null;
  /** Raw samples per window; when absent what all windows together may keep, divided. */
  readonly capacity?: number;
}

/** One window of a tally as plain JSON. */
export interface EncodedWindow {
  /** In the order of `OUTCOMES`. */
  readonly byOutcome: readonly number[];
  /** Settled, also those that were never sent. */
  readonly trials: number;
  readonly inTime: number;
  readonly late: number;
  /** Successful answers that arrived in it, whenever they were due. */
  readonly arrived: number;
  readonly latenciesMs: EncodedSamples;
}

interface Bin {
  readonly latencies: LatencyStore;
  readonly byOutcome: Record<Outcome, number>;
  trials: number;
  inTime: number;
  late: number;
  arrived: number;
}

/** Counts settled arrivals by time window, and in each by outcome. */
export class Tally {
  readonly windowMs: number;
  readonly #options: TallyOptions;
  readonly #goodWithinMs: number;
  readonly #bins: readonly Bin[];

  constructor(options: TallyOptions) {
    this.#options = options;
    this.windowMs = options.spanMs / options.windows;
    this.#goodWithinMs = options.goodWithinMs ?? Number.POSITIVE_INFINITY;
    const capacity = options.capacity ?? Math.max(1, Math.floor(RAW_SAMPLES / options.windows));
    this.#bins = Array.from({ length: options.windows }, () => ({
      latencies: new LatencyStore(capacity),
      byOutcome: emptyOutcomes(),
      trials: 0,
      inTime: 0,
      late: 0,
      arrived: 0,
    }));
  }

  get byOutcome(): Record<Outcome, number> {
    const sums = emptyOutcomes();
    for (const bin of this.#bins) for (const outcome of OUTCOMES) sums[outcome] += bin.byOutcome[outcome];
    return sums;
  }

  isSuccess(outcome: Outcome): boolean {
    return this.#options.successOutcomes.includes(outcome);
  }

  /** A trial that ended: due at `dueMs`, settled `latencyMs` later. `outcome` null: it was never sent. `gaveUp`: nor was it answered. */
  settle(dueMs: number, latencyMs: number, outcome: Outcome | null, gaveUp = outcome === null): void {
    const bin = this.#binAt(dueMs);
    if (bin === undefined) return;
    bin.trials += 1;
    bin.latencies.add(latencyMs);
    // Who is told to come again found a target that had no time for it.
    if (gaveUp || (outcome === 'shed' && !this.isSuccess(outcome))) bin.late += 1;
    if (outcome === null) return;
    bin.byOutcome[outcome] += 1;
    if (latencyMs <= this.#goodWithinMs && this.isSuccess(outcome)) bin.inTime += 1;
  }

  /** A successful answer that arrived at `atMs`, whenever it was due. */
  arrived(atMs: number): void {
    const bin = this.#binAt(atMs);
    if (bin !== undefined) bin.arrived += 1;
  }

  /** The windows up to `endMs`; the one that is cut gets the length that was measured. */
  windows(endMs: number): LoadWindow[] {
    const total = this.#bins.reduce((sum, bin) => sum + bin.latencies.count, 0);
    // All windows are thinned alike, else those with few samples would weigh more than they had.
    const share = Math.min(1, RAW_SAMPLES / total);
    return this.#bins.flatMap((bin, index) => {
      const startMs = this.#options.fromMs + index * this.windowMs;
      const lengthMs = Math.min(this.windowMs, endMs - startMs);
      if (lengthMs <= 0) return [];
      const { trials, inTime, late, byOutcome, latencies } = bin;
      const latenciesMs = latencies.values(Math.ceil(latencies.count * share));
      const achievedPerSecond = (bin.arrived * 1000) / lengthMs;
      return [{ startMs, lengthMs, latenciesMs, successes: this.#successes(bin), inTime, trials, late, byOutcome, achievedPerSecond }];
    });
  }

  /** Over all windows; null without samples. */
  quantiles(): Quantiles | null {
    const all = new LatencyStore(this.#bins.some((bin) => bin.latencies.compressed) ? 0 : Number.POSITIVE_INFINITY);
    for (const bin of this.#bins) all.absorb(bin.latencies.encode());
    return all.quantiles();
  }

  encode(): EncodedWindow[] {
    return this.#bins.map(({ byOutcome, trials, inTime, late, arrived, latencies }) => ({
      byOutcome: OUTCOMES.map((outcome) => byOutcome[outcome]),
      trials,
      inTime,
      late,
      arrived,
      latenciesMs: latencies.encode(),
    }));
  }

  /** Adds what another tally of the same windows has encoded. */
  absorb(windows: readonly EncodedWindow[]): void {
    for (const [index, window] of windows.entries()) {
      const bin = this.#bins[index];
      if (bin === undefined) continue;
      for (const [at, outcome] of OUTCOMES.entries()) bin.byOutcome[outcome] += window.byOutcome[at] ?? 0;
      bin.trials += window.trials;
      bin.inTime += window.inTime;
      bin.late += window.late;
      bin.arrived += window.arrived;
      bin.latencies.absorb(window.latenciesMs);
    }
  }

  #successes(bin: Bin): number {
    return OUTCOMES.reduce((sum, outcome) => sum + (this.isSuccess(outcome) ? bin.byOutcome[outcome] : 0), 0);
  }

  #binAt(offsetMs: number): Bin | undefined {
    return this.#bins[Math.floor((offsetMs - this.#options.fromMs) / this.windowMs)];
  }
}

export function emptyOutcomes(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}
