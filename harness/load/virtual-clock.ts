import type { LoadClock } from './clock.ts';

/** A clock that stands still until it is told to go on: tests of everything that takes a `LoadClock`. */
export class VirtualClock implements LoadClock {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, callback: () => void): () => void {
    const timer = { atMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the time by hand without running timers: what a blocked event loop looks like. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }

  /** Runs every timer due up to `untilMs` in order, letting promises settle after each, and ends at `untilMs`. */
  async advanceTo(untilMs: number): Promise<void> {
    await settle();
    for (let next = this.#earliest(untilMs); next !== undefined; next = this.#earliest(untilMs)) {
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #earliest(untilMs: number): { readonly atMs: number; readonly callback: () => void } | undefined {
    const due = this.#timers.filter((timer) => timer.atMs <= untilMs);
    return due.reduce<(typeof due)[number] | undefined>(
      (best, timer) => (best === undefined || timer.atMs < best.atMs ? timer : best),
      undefined,
    );
  }
}

/** One turn of the event loop: all microtasks queued so far, and those they queue, have run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
