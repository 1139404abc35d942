import type { EngineOptions } from './engine.ts';
import type { Flight } from './flights.ts';
import { LatencyStore, RAW_SAMPLES } from './latency-store.ts';
import { measureOwnUsage } from './own-usage.ts';
import type { LoadFrame, ShardReport } from './shard-report.ts';
import { emptyOutcomes, Tally, windowCount } from './tally.ts';
import type { LoadResult } from './types.ts';

/** What is issued up to this share of the measured time after its end still counts as offered in time. */
const OFFERED_SLACK = 0.01;
const DEFAULT_GATED_QUANTILE = 0.95;

/** Keeps the books of one share of an open-loop load: every arrival is issued, and then exactly one of ended, dropped, cancelled. */
export class LoadBook {
  readonly #options: EngineOptions;
  readonly #startedAtMs: number;
  readonly #warmupMs: number;
  readonly #frame: LoadFrame;
  readonly #windowMs: number;
  /** One per entry of the mix. */
  readonly #tallies: readonly Tally[];
  readonly #scheduled: number[];
  readonly #lateness: LatencyStore;
  readonly #serviceTime: LatencyStore;
  readonly #peaks: Float64Array;
  readonly #warmup = { scheduled: 0, byOutcome: emptyOutcomes() };
  readonly #counts = { scheduled: 0, offeredInTime: 0, sent: 0, dropped: 0, unfinished: 0, cancelled: 0, queued: 0, bytes: 0 };
  readonly #offeredUntilMs: number;
  #usage = measureOwnUsage();
  #elu: number | null = null;
  #firstSendErrorMs: number | null = null;
  #early: { readonly atMs: number; readonly stopped: string | null } | null = null;

  constructor(options: EngineOptions, startedAtMs: number) {
    this.#options = options;
    this.#startedAtMs = startedAtMs;
    const { schedule, warmupMs, shard } = options;
    const spanMs = schedule.durationMs - warmupMs;
    this.#warmupMs = warmupMs;
    this.#frame = frameOf(options, windowCount(spanMs));
    this.#windowMs = spanMs / this.#frame.windows;
    this.#offeredUntilMs = schedule.durationMs + OFFERED_SLACK * spanMs;
    // Known beforehand, so that no pause is spent on compressing samples while the load runs.
    const capacity = schedule.count <= Math.ceil(RAW_SAMPLES / shard.of) ? RAW_SAMPLES : 0;
    const { windows, successOutcomes, goodWithinMs } = this.#frame;
    const kept = { fromMs: warmupMs, spanMs, windows, successOutcomes, goodWithinMs, capacity };
    this.#tallies = options.operations.map(() => new Tally(kept));
    this.#scheduled = options.operations.map(() => 0);
    this.#lateness = new LatencyStore(capacity);
    this.#serviceTime = new LatencyStore(capacity);
    this.#peaks = new Float64Array(windows);
  }

  /** Offset 0 of the schedule is now. */
  begun(): void {
    this.#usage = measureOwnUsage();
  }

  /** The last arrival was issued: from now on the loop only waits for answers, which says nothing about its pace. */
  paced(): void {
    this.#elu ??= this.#usage().elu;
  }

  /** The pacer got to the arrival at `elapsedMs`; `queued`: it found no free slot. */
  issued(flight: Flight, elapsedMs: number, queued: boolean): void {
    const latenessMs = elapsedMs - flight.arrival.dueMs;
    this.#firstSendErrorMs ??= latenessMs;
    if (this.#isWarmup(flight)) {
      this.#warmup.scheduled += 1;
      return;
    }
    this.#counts.scheduled += 1;
    this.#scheduled[flight.entry] = (this.#scheduled[flight.entry] ?? 0) + 1;
    if (queued) this.#counts.queued += 1;
    this.#lateness.add(latenessMs);
    if (elapsedMs <= this.#offeredUntilMs) this.#counts.offeredInTime += 1;
  }

  /** `inFlight` with it. */
  sent(flight: Flight, elapsedMs: number, inFlight: number): void {
    if (this.#isWarmup(flight)) return;
    this.#counts.sent += 1;
    const last = this.#peaks.length - 1;
    const window = Math.min(last, Math.floor((elapsedMs - this.#warmupMs) / this.#windowMs));
    if (inFlight > (this.#peaks[window] ?? 0)) this.#peaks[window] = inFlight;
  }

  /** Returns whether it counts as a success. */
  ended(flight: Flight, atMs: number): boolean {
    const { ending, outcome, arrival, sentAtMs } = flight;
    const tally = this.#tallies[flight.entry];
    if (tally === undefined) return false;
    const success = tally.isSuccess(outcome);
    // An answer to a warm-up request is throughput of the window it arrives in.
    if (success) tally.arrived(atMs);
    if (this.#isWarmup(flight)) {
      this.#warmup.byOutcome[outcome] += 1;
      return success;
    }
    tally.settle(arrival.dueMs, atMs - arrival.dueMs, outcome, ending === 'timeout' || ending === 'cut');
    if (ending === 'cut') this.#counts.unfinished += 1;
    if (ending === 'answered') {
      this.#serviceTime.add(atMs - ((sentAtMs ?? 0) - this.#startedAtMs));
      this.#counts.bytes += flight.bytes;
    }
    return success;
  }

  dropped(flight: Flight, latencyMs: number): void {
    if (this.#isWarmup(flight)) return;
    this.#counts.dropped += 1;
    this.#tallies[flight.entry]?.settle(flight.arrival.dueMs, latencyMs, null);
  }

  /** Was under way or waiting when the load was ended early. */
  cancelled(flight: Flight): void {
    if (!this.#isWarmup(flight)) this.#counts.cancelled += 1;
  }

  /** `stopped`: by its own rule, with the reason; null: by the caller. */
  endedEarly(elapsedMs: number, stopped: string | null): void {
    this.paced();
    this.#early = { atMs: Math.max(0, elapsedMs), stopped };
  }

  report(after: Pick<LoadResult, 'leaked' | 'crashes'>): ShardReport {
    const { cpuMs, elu } = this.#usage();
    const { durationMs } = this.#frame;
    return {
      shard: this.#options.shard,
      frame: this.#frame,
      operations: this.#options.operations.map(({ name }, entry) => ({
        name,
        scheduled: this.#scheduled[entry] ?? 0,
        windows: this.#tallies[entry]?.encode() ?? [],
      })),
      warmup: this.#warmup,
      counts: { ...this.#counts, leaked: after.leaked },
      latenessMs: this.#lateness.encode(),
      serviceTimeMs: this.#serviceTime.encode(),
      peakInFlight: [...this.#peaks],
      endMs: Math.min(durationMs, this.#early?.atMs ?? durationMs),
      aborted: this.#early !== null && this.#early.stopped === null,
      stopped: this.#early?.stopped ?? null,
      self: { elu: this.#elu ?? elu, cpuMs },
      crashes: after.crashes,
      startedAtMs: this.#startedAtMs,
      firstSendErrorMs: this.#firstSendErrorMs,
      calibration: null,
    };
  }

  #isWarmup(flight: Flight): boolean {
    return flight.arrival.dueMs < this.#warmupMs;
  }
}

function frameOf(options: EngineOptions, windows: number): LoadFrame {
  const { schedule, warmupMs, timeoutMs } = options;
  return {
    perSecond: options.whole.perSecond,
    durationMs: schedule.durationMs,
    warmupMs,
    windows,
    maxInFlight: options.whole.maxInFlight,
    timeoutMs,
    gatedQuantile: options.gatedQuantile ?? DEFAULT_GATED_QUANTILE,
    goodWithinMs: options.goodWithinMs ?? null,
    successOutcomes: options.successOutcomes ?? ['ok'],
  };
}
