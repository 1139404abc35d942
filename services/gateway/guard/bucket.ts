export interface BucketLimits {
  readonly perSecond: number;
  /** What may come at once after a pause. */
  readonly burst: number;
}

/** Refills steadily up to the burst; each request takes one. */
export class Bucket {
  readonly #limits: BucketLimits;
  #tokens: number;
  #atMs: number;
  /** Taken here and not yet told to the others. */
  untold = 0;

  constructor(limits: BucketLimits, nowMs: number) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#atMs = nowMs;
  }

  /** 0 when one was taken, otherwise the milliseconds until there is one. */
  take(nowMs: number): number {
    this.#refill(nowMs);
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#limits.perSecond) * 1000);
    this.#tokens--;
    this.untold++;
    return 0;
  }

  /** What all instances together left; what was taken here since they were asked comes off. */
  agree(left: number, nowMs: number): void {
    this.#tokens = Math.min(this.#limits.burst, left - this.untold);
    this.#atMs = nowMs;
  }

  /** Nothing would be lost by forgetting it. */
  idle(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.untold === 0 && this.#tokens >= this.#limits.burst;
  }

  #refill(nowMs: number): void {
    const gained = ((nowMs - this.#atMs) / 1000) * this.#limits.perSecond;
    this.#tokens = Math.min(this.#limits.burst, this.#tokens + gained);
    this.#atMs = nowMs;
  }
}
