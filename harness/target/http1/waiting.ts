import type { Exchange } from './exchange.ts';

const COMPACT_FROM = 1024;

/** Requests that wait for a connection, oldest first. Those given up meanwhile are passed over. */
export class Waiting {
  #items: (Exchange | undefined)[] = [];
  #first = 0;
  #live = 0;

  get length(): number {
    return this.#live;
  }

  push(exchange: Exchange): void {
    this.#items.push(exchange);
    this.#live += 1;
  }

  /** Before all others. */
  unshift(exchange: Exchange): void {
    this.#items.splice(this.#first, 0, exchange);
    this.#live += 1;
  }

  /** One of them has been given up: its `over` is set. */
  forget(): void {
    this.#live -= 1;
  }

  shift(): Exchange | null {
    while (this.#first < this.#items.length) {
      const next = this.#items[this.#first];
      this.#items[this.#first] = undefined;
      this.#first += 1;
      this.#compact();
      if (next === undefined || next.over) continue;
      this.#live -= 1;
      return next;
    }
    return null;
  }

  #compact(): void {
    if (this.#first < COMPACT_FROM || this.#first * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}
