import type { SuiteTimes } from './phases.ts';

/** Where the wall time of a run went besides measuring. Milliseconds. */
export class Overhead {
  readonly #values = new Map<string, number>();

  set(name: string, ms: number): void {
    this.#values.set(name, Math.round(ms));
  }

  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = process.hrtime.bigint();
    try {
      return await work();
    } finally {
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      this.set(name, (this.#values.get(name) ?? 0) + ms);
    }
  }

  /** Adds the sum over the suites and the share of the run's wall time that was not spent in one. */
  finish(suites: SuiteTimes, totalMs: number): void {
    const measuringMs = [...suites.values()].reduce((sum, suite) => sum + suite.durationMs, 0);
    this.set('measuringMs', measuringMs);
    this.set('totalMs', totalMs);
  }

  values(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#values);
  }
}
