import { getEventListeners } from 'node:events';
import type { Call, Operation } from './operation.ts';
import type { Action } from './types.ts';

/** A promise action as an operation: each gets a signal that aborts when the engine cuts it off. */
export class ActionOperation implements Operation {
  readonly name = 'action';
  readonly #action: Action;
  readonly #unused: AbortController[] = [];

  constructor(action: Action) {
    this.#action = action;
  }

  start(call: Call): void {
    void this.#run(call);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #run(call: Call): Promise<void> {
    const controller = this.#unused.pop() ?? new AbortController();
    call.cancel = () => controller.abort();
    try {
      const { outcome, bytes } = await this.#action(call.arrival, controller.signal);
      call.end(outcome, bytes);
      this.#takeBack(controller);
    } catch (error) {
      call.crash(error);
    }
  }

  /** Making a controller costs more than all else that is done for an action, so those nobody listens to serve again. */
  #takeBack(controller: AbortController): void {
    if (!controller.signal.aborted && getEventListeners(controller.signal, 'abort').length === 0) this.#unused.push(controller);
  }
}
