/** Who works beside others, and who has the machine for itself: readers and writers, writers first. */
export class Turns {
  #beside = 0;
  #alone = false;
  #wanted = 0;
  readonly #waiting: (() => void)[] = [];

  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone || this.#wanted > 0) await this.#changed();
    this.#beside += 1;
    try {
      return await work();
    } finally {
      this.#beside -= 1;
      this.#tell();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#wanted += 1;
    while (this.#alone || this.#beside > 0) await this.#changed();
    this.#wanted -= 1;
    this.#alone = true;
    try {
      return await work();
    } finally {
      this.#alone = false;
      this.#tell();
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
