import type { Outcome } from '../model/outcome.ts';
import type { Ending, Flight } from './flights.ts';
import { selfCheck } from './generator-fault.ts';
import { LatencyStore, RAW_SAMPLES } from './latency-store.ts';
import { measureOwnUsage } from './own-usage.ts';
import { quantilesOf } from './quantile.ts';
import { emptyOutcomes, Tally, windowCount } from './tally.ts';
import type { Arrival, LoadOptions, LoadResult } from './types.ts';
import { latencyAt } from './windows.ts';

/** What is issued up to this share of the measured time after its end still counts as offered in time. */
const OFFERED_SLACK = 0.01;
const DEFAULT_GATED_QUANTILE = 0.95;

/** Keeps the books of one open-loop run: every arrival is issued, and then exactly one of ended, dropped, cancelled. */
export class LoadBook {
  readonly #options: LoadOptions;
  readonly #startedAtMs: number;
  readonly #spanMs: number;
  readonly #tally: Tally;
  readonly #usage = measureOwnUsage();
  readonly #lateness = new LatencyStore(RAW_SAMPLES);
  readonly #serviceTime = new LatencyStore(RAW_SAMPLES);
  readonly #warmup = { scheduled: 0, byOutcome: emptyOutcomes() };
  readonly #counts = { scheduled: 0, sent: 0, dropped: 0, unfinished: 0, cancelled: 0, queued: 0, peakInFlight: 0, bytes: 0 };
  #offeredInTime = 0;
  #abortedAtMs: number | null = null;

  constructor(options: LoadOptions, startedAtMs: number) {
    this.#options = options;
    this.#startedAtMs = startedAtMs;
    this.#spanMs = options.schedule.durationMs - options.warmupMs;
    const successOutcomes = options.successOutcomes ?? ['ok'];
    this.#tally = new Tally({ fromMs: options.warmupMs, spanMs: this.#spanMs, windows: windowCount(this.#spanMs), successOutcomes });
  }

  /** The pacer got to the arrival at `elapsedMs`; `queued`: it found no free slot. */
  issued(arrival: Arrival, elapsedMs: number, queued: boolean): void {
    if (this.#isWarmup(arrival)) {
      this.#warmup.scheduled += 1;
      return;
    }
    this.#counts.scheduled += 1;
    if (queued) this.#counts.queued += 1;
    this.#lateness.add(elapsedMs - arrival.dueMs);
    if (elapsedMs <= this.#options.schedule.durationMs + OFFERED_SLACK * this.#spanMs) this.#offeredInTime += 1;
  }

  sent(arrival: Arrival, inFlight: number): void {
    if (this.#isWarmup(arrival)) return;
    this.#counts.sent += 1;
    this.#counts.peakInFlight = Math.max(this.#counts.peakInFlight, inFlight);
  }

  /** Returns whether it counts as a success. */
  ended(flight: Flight, ending: Ending, atMs: number): boolean {
    const outcome: Outcome = ending.kind === 'answered' ? ending.result.outcome : 'unknown';
    const success = this.#tally.isSuccess(outcome);
    // An answer to a warm-up request is throughput of the window it arrives in.
    if (success) this.#tally.arrived(atMs);
    const { dueMs } = flight.arrival;
    if (this.#isWarmup(flight.arrival)) {
      this.#warmup.byOutcome[outcome] += 1;
      return success;
    }
    this.#tally.settle(dueMs, atMs - dueMs, outcome);
    if (ending.kind === 'cut') this.#counts.unfinished += 1;
    if (ending.kind === 'answered') {
      this.#serviceTime.add(atMs - (flight.sentAtMs - this.#startedAtMs));
      this.#counts.bytes += ending.result.bytes ?? 0;
    }
    return success;
  }

  dropped(arrival: Arrival, latencyMs: number): void {
    if (this.#isWarmup(arrival)) return;
    this.#counts.dropped += 1;
    this.#tally.settle(arrival.dueMs, latencyMs, null);
  }

  /** Was under way or waiting when the caller aborted. */
  cancelled(arrival: Arrival): void {
    if (!this.#isWarmup(arrival)) this.#counts.cancelled += 1;
  }

  abortedAt(elapsedMs: number): void {
    this.#abortedAtMs = elapsedMs;
  }

  result(after: Pick<LoadResult, 'leaked' | 'crashes'>): LoadResult {
    const { schedule, warmupMs, maxInFlight, timeoutMs, gatedQuantile } = this.#options;
    const endMs = Math.min(schedule.durationMs, this.#abortedAtMs ?? Number.POSITIVE_INFINITY);
    const windows = this.#tally.windows(endMs);
    const arrived = windows.reduce((sum, window) => sum + (window.achievedPerSecond * window.lengthMs) / 1000, 0);
    const latenessMs = quantilesOf(this.#lateness.values());
    const offeredShare = this.#counts.scheduled === 0 ? 1 : this.#offeredInTime / this.#counts.scheduled;
    const usage = this.#usage();
    const gatedLatencyMs = latencyAt({ windows }, gatedQuantile ?? DEFAULT_GATED_QUANTILE);
    return {
      ...this.#counts,
      ...after,
      ...usage,
      startedAtMs: this.#startedAtMs,
      byOutcome: this.#tally.byOutcome,
      windows,
      windowMs: this.#tally.windowMs,
      aborted: this.#abortedAtMs !== null,
      maxInFlight,
      timeoutMs,
      serviceTimeMs: quantilesOf(this.#serviceTime.values()),
      latenessMs,
      requestedPerSecond: schedule.perSecond,
      offeredShare,
      achievedPerSecond: endMs > warmupMs ? (arrived * 1000) / (endMs - warmupMs) : 0,
      warmup: { durationMs: warmupMs, ...this.#warmup },
      selfCheck: selfCheck({ latenessMs, gatedLatencyMs, elu: usage.elu, offeredShare, crashes: after.crashes.count }),
    };
  }

  #isWarmup(arrival: Arrival): boolean {
    return arrival.dueMs < this.#options.warmupMs;
  }
}
