/** At most `perWindow` in any window of `windowMs`, counted per key; forgets keys that were quiet for a window. */
export class RateLimit {
  readonly #perWindow: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #counts = new Map<string, number>();
  #windowEndsAtMs = 0;

  constructor(perWindow: number, windowMs: number, now: () => number = () => performance.now()) {
    this.#perWindow = perWindow;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Counts one and says whether it is within the limit. */
  take(key: string): boolean {
    if (this.#now() >= this.#windowEndsAtMs) {
      this.#counts = new Map();
      this.#windowEndsAtMs = this.#now() + this.#windowMs;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= this.#perWindow;
  }
}
