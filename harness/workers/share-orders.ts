import { monotonicMs } from '../model/clock.ts';
import type { Orders } from './perform-share.ts';

/** The orders of one share, as they come in. */
export class Share implements Orders {
  readonly go: Promise<number>;
  readonly #stop = new AbortController();
  #begin: (startAtMs: number) => void = () => {};

  constructor() {
    this.go = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  begin(startAtMs: number): void {
    this.#begin(startAtMs);
  }

  /** Also one that has not begun: it then begins and ends in the same moment, so that its report says that nothing was sent. */
  abort(): void {
    this.#stop.abort();
    this.#begin(monotonicMs());
  }
}
