/** Work that was begun early and that several wait for, or nobody when the start has failed for another reason. */
export class Background {
  readonly #work: Promise<unknown>[] = [];

  add<T>(promise: Promise<T>): Promise<T> {
    this.#work.push(promise.catch(() => undefined)); // whoever waits for it gets the error
    return promise;
  }

  /** Resolves when all of it has ended, in whatever way. */
  async settled(): Promise<void> {
    await Promise.all(this.#work);
  }
}
