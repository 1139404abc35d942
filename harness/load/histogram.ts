/** A histogram as plain JSON. */
export interface EncodedHistogram {
  readonly kind: 'histogram';
  readonly count: number;
  readonly maxMs: number;
  /** Base64 of pairs of LEB128 numbers: distance to the next bin that is not empty, and its count. */
  readonly bins: string;
}

const MICROSECONDS = 1000;
/** Bins per doubling: a value is at most 0.05 % from the middle of its bin. Below twice that many µs a bin is 1 µs wide. */
const HALF = 1024;
const HALF_BITS = 10;
const MAX_MICROS = 0xff_ff_ff_ff;
/** Grown in such steps, a histogram covers little more than the values it has. */
const CHUNK = 256;
const VARINT_BITS = 7;
const VARINT_REST = 0x7f;
const VARINT_MORE = 0x80;

/**
 * Milliseconds in the bins of an HdrHistogram of 3 digits and unit 1 µs (Tene, hdrhistogram.org): what several measured adds up without
 * loss, and memory depends on the range of the values only. Values above 71 minutes count as 71 minutes.
 */
export class Histogram {
  #bins = new Uint32Array(0);
  /** Bin of `#bins[0]`. */
  #from = 0;
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    this.#put(binOf(ms), 1);
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** Adds what `other` has counted. */
  absorb(other: Histogram): void {
    for (const [offset, count] of other.#bins.entries()) if (count > 0) this.#put(other.#from + offset, count);
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  /** The value of nearest rank at quantile `q`, at most 0.05 % or 0.5 µs off; null when empty. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.#count - 1e-9));
    return rank >= this.#count ? this.#maxMs : (this.#atRanks([rank])[0] ?? null);
  }

  /** `n` order statistics, evenly spaced in rank, ascending. */
  spread(n: number): number[] {
    return this.#atRanks(Array.from({ length: n }, (_, index) => Math.ceil(((index + 0.5) / n) * this.#count)));
  }

  clear(): void {
    this.#bins.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }

  encode(): EncodedHistogram {
    const bytes: number[] = [];
    let last = 0;
    for (const [offset, count] of this.#bins.entries()) {
      if (count === 0) continue;
      pushVarint(bytes, this.#from + offset - last);
      pushVarint(bytes, count);
      last = this.#from + offset;
    }
    return { kind: 'histogram', count: this.#count, maxMs: this.#maxMs, bins: Buffer.from(bytes).toString('base64') };
  }

  static decode(encoded: EncodedHistogram): Histogram {
    const histogram = new Histogram();
    const numbers = varints(Buffer.from(encoded.bins, 'base64'));
    let bin = 0;
    for (let at = 0; at + 1 < numbers.length; at += 2) {
      bin += numbers[at] ?? 0;
      histogram.#put(bin, numbers[at + 1] ?? 0);
    }
    histogram.#maxMs = encoded.maxMs;
    return histogram;
  }

  #put(bin: number, count: number): void {
    let offset = bin - this.#from;
    if (offset < 0 || offset >= this.#bins.length) {
      this.#cover(bin);
      offset = bin - this.#from;
    }
    this.#bins[offset] = (this.#bins[offset] ?? 0) + count;
    this.#count += count;
  }

  #cover(bin: number): void {
    const empty = this.#bins.length === 0;
    const low = bin - (bin % CHUNK);
    const from = empty ? low : Math.min(this.#from, low);
    const to = empty ? low + CHUNK : Math.max(this.#from + this.#bins.length, low + CHUNK);
    const bins = new Uint32Array(to - from);
    bins.set(this.#bins, empty ? 0 : this.#from - from);
    this.#bins = bins;
    this.#from = from;
  }

  /** `ranks` are 1-based and ascending. */
  #atRanks(ranks: readonly number[]): number[] {
    let offset = -1;
    let below = 0;
    return ranks.map((rank) => {
      while (below < rank && offset + 1 < this.#bins.length) {
        offset += 1;
        below += this.#bins[offset] ?? 0;
      }
      return Math.min(this.#maxMs, middleOf(this.#from + offset) / MICROSECONDS);
    });
  }
}

function binOf(ms: number): number {
  const micros = Math.min(MAX_MICROS, Math.max(0, Math.round(ms * MICROSECONDS)));
  const shift = Math.max(0, 31 - Math.clz32(micros) - HALF_BITS);
  return HALF * shift + (micros >>> shift);
}

function middleOf(bin: number): number {
  const shift = Math.max(0, Math.floor(bin / HALF) - 1);
  const width = 2 ** shift;
  return (bin - HALF * shift) * width + (width - 1) / 2;
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > VARINT_REST) {
    bytes.push((rest & VARINT_REST) | VARINT_MORE);
    rest >>>= VARINT_BITS;
  }
  bytes.push(rest);
}

function varints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & VARINT_REST) * scale;
    scale *= VARINT_MORE;
    if (byte >= VARINT_MORE) continue;
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  return numbers;
}
