export interface Usage {
  readonly calls: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

const NONE: Usage = { calls: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Totals per operation for the last `maxOperations` operations. */
export class UsageBook {
  readonly #totals = new Map<string, Usage>();
  readonly #maxOperations: number;
  #forgotten = 0;

  constructor(maxOperations: number) {
    this.#maxOperations = maxOperations;
  }

  /** How many operations were dropped: while it is 0, an unknown operation is one that used nothing. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(opId: string, promptTokens: number, completionTokens: number): void {
    const before = this.of(opId);
    this.#totals.delete(opId);
    this.#totals.set(opId, {
      calls: before.calls + 1,
      prompt_tokens: before.prompt_tokens + promptTokens,
      completion_tokens: before.completion_tokens + completionTokens,
      total_tokens: before.total_tokens + promptTokens + completionTokens,
    });
    if (this.#totals.size <= this.#maxOperations) return;
    const [oldest] = this.#totals.keys();
    if (oldest !== undefined) this.#totals.delete(oldest);
    this.#forgotten++;
  }

  of(opId: string): Usage {
    return this.#totals.get(opId) ?? NONE;
  }
}
