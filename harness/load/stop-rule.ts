/** When a load has failed already: ends it once less than `successBelow` (0..1) of what settled within `overMs` are proven successes. */
export interface StopWhen {
  readonly successBelow: number;
  /** Length of the sliding window; nothing is said before it has passed. */
  readonly overMs: number;
}

/** One-sided 99.9 %: the window is looked at again and again. */
const Z = 3.09;

/** Watches the share of successes over a sliding window. Fed by the engine, or with the sums of all shards by whoever coordinates them. */
export class StopRule {
  readonly #when: StopWhen;
  readonly #warmupMs: number;
  #parts: { readonly untilMs: number; readonly settled: number; readonly successes: number }[] = [];
  #fromMs: number | null = null;

  /** What settles before the offset `warmupMs` is not judged. */
  constructor(when: StopWhen, warmupMs: number) {
    this.#when = when;
    this.#warmupMs = warmupMs;
  }

  /** Adds what settled from `fromMs` to `untilMs`; returns why the load should end, or null. */
  add(fromMs: number, untilMs: number, { settled, successes }: { readonly settled: number; readonly successes: number }): string | null {
    if (fromMs < this.#warmupMs) return null;
    const { successBelow, overMs } = this.#when;
    this.#fromMs ??= fromMs;
    this.#parts.push({ untilMs, settled, successes });
    this.#parts = this.#parts.filter((part) => part.untilMs > untilMs - overMs);
    if (untilMs - this.#fromMs < overMs) return null;
    const total = this.#parts.reduce((sum, part) => sum + part.settled, 0);
    const good = this.#parts.reduce((sum, part) => sum + part.successes, 0);
    if (total === 0 || upperBound(good, total) >= successBelow) return null;
    return `${good} of ${total} requests succeeded within ${overMs / 1000} s, less than ${Number((successBelow * 100).toFixed(2))} %`;
  }
}

/** Upper end of Wilson's score interval for a share (Wilson 1927). */
function upperBound(good: number, total: number): number {
  const share = good / total;
  const z2 = (Z * Z) / total;
  return (share + z2 / 2 + Z * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total))) / (1 + z2);
}
