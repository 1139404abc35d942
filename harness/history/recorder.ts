import type { OperationOutcome, Recorded } from './history.ts';

/** What the caller of an operation found out. */
export interface Seen<A> {
  readonly outcome: OperationOutcome;
  /** The action with what was read. */
  readonly action: A;
}

/** Records operations as they are done, all on one clock, so that "before" means before. */
export class HistoryRecorder<A> {
  readonly #nowMs: () => number;
  readonly #operations: Recorded<A>[] = [];

  /** @param nowMs a monotonic clock, the same for every session. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Does one operation and records it. What `work` throws is thrown on, and not recorded: the history is then not complete. */
  async record(session: number, work: () => Promise<Seen<A>>): Promise<Seen<A>> {
    const invokedMs = this.#nowMs();
    const seen = await work();
    this.#operations.push({ id: this.#operations.length, session, invokedMs, returnedMs: this.#nowMs(), ...seen });
    return seen;
  }

  /** In the order in which they returned. */
  get operations(): readonly Recorded<A>[] {
    return this.#operations;
  }
}
