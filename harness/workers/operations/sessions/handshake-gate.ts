/** Handshakes under way at once: more would be a storm of ours, not a load. */
const MAX_UNDER_WAY = 100;
/** What was missed by a late timer is made up for within this time. */
const CATCH_UP_MS = 10;

/** Starts handshakes at a bounded rate, in the order they were asked for. */
export class HandshakeGate {
  readonly #gapMs: number;
  readonly #queue: (() => void)[] = [];
  #next = 0;
  #underWay = 0;
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(perSecond: number) {
    this.#gapMs = 1000 / perSecond;
  }

  /** Resolves when a handshake may begin; it ends with `left`. */
  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push(resolve);
      this.#pump();
    });
  }

  left(): void {
    this.#underWay -= 1;
    this.#pump();
  }

  /** Lets everybody in at once, who then find that it is over. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const waiting of this.#queue.splice(0).slice(this.#next)) waiting();
    this.#next = 0;
  }

  #pump(): void {
    while (this.#timer === null && this.#underWay < MAX_UNDER_WAY) {
      const waiting = this.#queue[this.#next];
      if (waiting === undefined) return this.#forget();
      const nowMs = performance.now();
      if (nowMs < this.#freeAtMs) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#pump();
        }, this.#freeAtMs - nowMs);
        return;
      }
      this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - CATCH_UP_MS) + this.#gapMs;
      this.#next += 1;
      this.#underWay += 1;
      waiting();
    }
  }

  #forget(): void {
    this.#queue.length = 0;
    this.#next = 0;
  }
}
