import type { LoadClock } from './clock.ts';
import { Fifo } from './fifo.ts';

/**
 * Deadlines that all lie the same time ahead, so that they expire in the order they were added: one timer serves
 * any number of them. What `isOver` says is settled never expires.
 */
export class Deadlines<T> {
  readonly #clock: LoadClock;
  readonly #isOver: (item: T) => boolean;
  readonly #expire: (item: T) => void;
  readonly #entries = new Fifo<{ readonly item: T; readonly atMs: number }>();
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(clock: LoadClock, isOver: (item: T) => boolean, expire: (item: T) => void) {
    this.#clock = clock;
    this.#isOver = isOver;
    this.#expire = expire;
  }

  add(item: T, atMs: number): void {
    this.#forgetSettled();
    this.#entries.push({ item, atMs });
    if (this.#cancel === null) this.#arm(atMs);
  }

  /** Nothing expires any more. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #arm(atMs: number): void {
    if (!this.#closed) this.#cancel = this.#clock.at(atMs, () => this.#sweep());
  }

  /** `#cancel` stays set meanwhile: an item added by `expire` must not arm a second timer. */
  #sweep(): void {
    for (;;) {
      this.#forgetSettled();
      const next = this.#entries.peek();
      if (next === undefined) {
        this.#cancel = null;
        return;
      }
      if (next.atMs > this.#clock.nowMs()) {
        this.#arm(next.atMs);
        return;
      }
      this.#entries.shift();
      this.#expire(next.item);
    }
  }

  #forgetSettled(): void {
    for (let next = this.#entries.peek(); next !== undefined && this.#isOver(next.item); next = this.#entries.peek()) this.#entries.shift();
  }
}
