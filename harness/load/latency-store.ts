import type { EncodedHistogram } from './histogram.ts';
import { Histogram } from './histogram.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import type { Quantiles } from './types.ts';

/** Raw samples one load keeps, over all its workers; beyond it memory would grow with the length of a soak. */
export const RAW_SAMPLES = 1_000_000;
const FIRST_LENGTH = 16;

/** Samples as plain JSON: `f32` is base64 of 32-bit floats, little-endian. */
export type EncodedSamples = { readonly kind: 'raw'; readonly f32: string } | EncodedHistogram;

/**
 * Samples in milliseconds in bounded memory: every one (as a 32-bit float: 6 × 10⁻⁸ of its value) up to `capacity`, then a histogram of
 * 3 digits. With capacity 0 it is one from the start, which spares the pause of turning samples into bins under load.
 */
export class LatencyStore {
  readonly #capacity: number;
  #raw = new Float32Array(0);
  #rawCount = 0;
  #histogram: Histogram | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#histogram?.count ?? this.#rawCount;
  }

  get compressed(): boolean {
    return this.#histogram !== null;
  }

  add(ms: number): void {
    if (this.#histogram !== null) {
      this.#histogram.add(ms);
    } else if (this.#rawCount < this.#capacity) {
      if (this.#rawCount === this.#raw.length) this.#reserve(this.#rawCount + 1);
      this.#raw[this.#rawCount] = ms;
      this.#rawCount += 1;
    } else {
      this.#compress().add(ms);
    }
  }

  /**
   * In order of arrival while all are kept and no more than `limit`; else `limit` order statistics, evenly spaced and ascending. Fewer
   * values than were measured make an interval wider, never narrower.
   */
  values(limit = this.#capacity): readonly number[] {
    const wanted = Math.min(limit, this.count);
    if (this.#histogram !== null) return this.#histogram.spread(wanted);
    if (wanted === this.#rawCount) return Array.from(this.#samples());
    const sorted = this.#samples().toSorted();
    return Array.from({ length: wanted }, (_, index) => sorted[Math.floor(((index + 0.5) / wanted) * sorted.length)] ?? 0);
  }

  quantiles(): Quantiles | null {
    if (this.count === 0) return null;
    const histogram = this.#histogram;
    const sorted = histogram === null ? sortedCopy(this.#samples()) : [];
    const at = (q: number) => (histogram === null ? quantileOf(sorted, q) : histogram.quantile(q)) ?? Number.NaN;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }

  encode(): EncodedSamples {
    if (this.#histogram !== null) return this.#histogram.encode();
    const samples = this.#samples();
    return { kind: 'raw', f32: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64') };
  }

  /** Adds what another store, perhaps of another process, has encoded. */
  absorb(encoded: EncodedSamples): void {
    if (encoded.kind === 'histogram') {
      this.#compress().absorb(Histogram.decode(encoded));
      return;
    }
    const samples = decodeFloats(encoded.f32);
    if (this.#histogram !== null || this.#rawCount + samples.length > this.#capacity) {
      const histogram = this.#compress();
      for (const ms of samples) histogram.add(ms);
      return;
    }
    this.#reserve(this.#rawCount + samples.length);
    this.#raw.set(samples, this.#rawCount);
    this.#rawCount += samples.length;
  }

  #samples(): Float32Array {
    return this.#raw.subarray(0, this.#rawCount);
  }

  #reserve(length: number): void {
    if (length <= this.#raw.length) return;
    const grown = new Float32Array(Math.max(FIRST_LENGTH, length, 2 * this.#raw.length));
    grown.set(this.#raw);
    this.#raw = grown;
  }

  #compress(): Histogram {
    if (this.#histogram !== null) return this.#histogram;
    const histogram = new Histogram();
    for (const ms of this.#samples()) histogram.add(ms);
    this.#histogram = histogram;
    this.#raw = new Float32Array(0);
    this.#rawCount = 0;
    return histogram;
  }
}

function decodeFloats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const floats = new Float32Array(Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT));
  new Uint8Array(floats.buffer).set(bytes.subarray(0, floats.byteLength));
  return floats;
}
