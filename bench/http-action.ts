import type { Dispatcher } from 'undici';
import { Pool } from 'undici';
import type { Action, ActionResult } from '../harness/load/index.ts';

/** GET / over kept-alive connections with undici's dispatch, the cheapest way of its API. */
export function httpAction(origin: string, connections: number): { readonly action: Action; readonly close: () => Promise<void> } {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const action: Action = (_, signal) =>
    new Promise((resolve) => {
      pool.dispatch({ path: '/', method: 'GET' }, new Answer(signal, resolve));
    });
  return { action, close: () => pool.destroy() };
}

class Answer implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (result: ActionResult) => void;
  #cancel = () => {};
  #status = 0;
  #bytes = 0;

  constructor(signal: AbortSignal, resolve: (result: ActionResult) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#cancel = () => controller.abort(new Error('aborted'));
    if (this.#signal.aborted) this.#cancel();
    else this.#signal.addEventListener('abort', this.#cancel);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
  }

  onResponseEnd(): void {
    this.#end({ outcome: this.#status === 200 ? 'ok' : 'wrong', bytes: this.#bytes });
  }

  onResponseError(): void {
    this.#end({ outcome: 'unknown' });
  }

  #end(result: ActionResult): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#resolve(result);
  }
}
