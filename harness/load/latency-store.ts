import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';

/** Raw samples one load run keeps; beyond it memory would grow with the length of a soak. */
export const RAW_SAMPLES = 1_000_000;
const MICROSECONDS = 1000;
const SIGNIFICANT_DIGITS = 3;

/**
 * Samples in milliseconds in bounded memory: exact up to `capacity`, then an HdrHistogram (0.1 %) from which
 * `values` gives `capacity` evenly spaced order statistics. Fewer values than were measured make an interval
 * wider, never narrower.
 */
export class LatencyStore {
  readonly #capacity: number;
  #raw: number[] = [];
  #histogram: Histogram | null = null;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    this.#count += 1;
    if (this.#histogram !== null) {
      recordMs(this.#histogram, ms);
    } else if (this.#raw.length < this.#capacity) {
      this.#raw.push(ms);
    } else {
      this.#histogram = spill([...this.#raw, ms]);
      this.#raw = [];
    }
  }

  /** In order of arrival while exact, ascending once compressed. */
  values(): readonly number[] {
    const histogram = this.#histogram;
    if (histogram === null) return this.#raw;
    const capacity = this.#capacity;
    return Array.from({ length: capacity }, (_, index) => histogram.getValueAtPercentile(((index + 0.5) / capacity) * 100) / MICROSECONDS);
  }
}

function spill(raw: readonly number[]): Histogram {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });
  for (const ms of raw) recordMs(histogram, ms);
  return histogram;
}

function recordMs(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.max(0, Math.round(ms * MICROSECONDS)));
}
