import { Histogram } from '../load/histogram.ts';
import type { Quantiles } from '../load/types.ts';
import type { PeakOrder, PeakResult } from './peak-types.ts';

/** Counts what the clients of a closed loop report, from the end of the warm-up on. */
export class PeakBook {
  readonly #order: PeakOrder;
  readonly #latency = new Histogram();
  /** When each client sent what is unanswered. */
  readonly #open = new Map<object, number>();
  #measuring = false;
  #sent = 0;
  #answers = 0;
  #ok = 0;
  #errors = 0;
  #timeouts = 0;

  constructor(order: PeakOrder) {
    this.#order = order;
  }

  /** Since the end of the warm-up. */
  get errors(): number {
    return this.#errors;
  }

  /** The warm-up is over. What is under way now is measured when it ends. */
  begin(): void {
    this.#measuring = true;
    this.#sent = this.#open.size;
    this.#errors = 0;
  }

  sent(client: object, atMs: number): void {
    this.#open.set(client, atMs);
    this.#sent += 1;
  }

  answered(client: object, status: number, ms: number): void {
    this.#open.delete(client);
    if (!this.#measuring) return;
    this.#answers += 1;
    if (status >= 200 && status < 300) this.#ok += 1;
    this.#latency.add(ms);
  }

  /** A request got no answer in time; its client has sent the next one already. */
  timedOut(): void {
    if (!this.#measuring) return;
    this.#timeouts += 1;
    this.#latency.add(this.#order.timeoutMs);
  }

  broke(): void {
    this.#errors += 1;
  }

  /** @param measuredMs since `begin`. */
  result(nowMs: number, { measuredMs, elu }: Pick<PeakResult, 'measuredMs' | 'elu'>): PeakResult {
    for (const sentAtMs of this.#open.values()) this.#latency.add(nowMs - sentAtMs);
    const ended = this.#answers + this.#timeouts + this.#errors + this.#open.size;
    return {
      label: 'closed loop (autocannon 9)',
      connections: this.#order.connections,
      measuredMs,
      perSecond: measuredMs > 0 ? (this.#ok * 1000) / measuredMs : 0,
      latencyMs: quantiles(this.#latency),
      answers: this.#answers,
      non2xx: this.#answers - this.#ok,
      errors: this.#errors,
      timeouts: this.#timeouts,
      lost: Math.max(0, this.#sent - ended),
      elu,
    };
  }
}

function quantiles(histogram: Histogram): Quantiles | null {
  const at = (q: number): number => histogram.quantile(q) ?? Number.NaN;
  return histogram.count === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
