interface Entry<T> {
  readonly value: T;
  readonly expiresAtMs: number;
}

/** At most `maxEntries` values, each for at most `ttlMs`; the one unused for longest goes first. */
export class LocalCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #now: () => number;
  evictions = 0;

  constructor(maxEntries: number, ttlMs: number, now: () => number = () => performance.now()) {
    this.#maxEntries = maxEntries;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAtMs <= this.#now()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param ttlMs shorter than the cache's own, if at all. */
  set(key: string, value: T, ttlMs = this.#ttlMs): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs: this.#now() + Math.min(ttlMs, this.#ttlMs) });
    if (this.#entries.size <= this.#maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.evictions++;
  }

  /** @returns how many were removed. */
  deleteWhere(matches: (key: string, value: T) => boolean): number {
    const doomed = [...this.#entries].filter(([key, { value }]) => matches(key, value));
    for (const [key] of doomed) this.#entries.delete(key);
    return doomed.length;
  }
}
