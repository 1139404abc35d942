const SLICES = 60;

interface Slice {
  readonly number: number;
  calls: number;
  failures: number;
}

/** How many calls there were lately and how many failed: counted in sixty slices of the window, so that load costs no memory. */
export class RecentCalls {
  readonly #sliceMs: number;
  #slices: Slice[] = [];

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  add(nowMs: number, failed: boolean): void {
    const number = Math.floor(nowMs / this.#sliceMs);
    let slice = this.#slices.at(-1);
    if (slice?.number !== number) {
      this.#forget(number);
      slice = { number, calls: 0, failures: 0 };
      this.#slices.push(slice);
    }
    slice.calls++;
    if (failed) slice.failures++;
  }

  within(nowMs: number): { readonly calls: number; readonly failures: number } {
    this.#forget(Math.floor(nowMs / this.#sliceMs));
    return this.#slices.reduce((sum, { calls, failures }) => ({ calls: sum.calls + calls, failures: sum.failures + failures }), {
      calls: 0,
      failures: 0,
    });
  }

  clear(): void {
    this.#slices = [];
  }

  #forget(current: number): void {
    this.#slices = this.#slices.filter(({ number }) => number > current - SLICES);
  }
}
