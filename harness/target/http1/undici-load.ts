import { errors, Pool, type Dispatcher } from 'undici';
import { messageOf } from '../../model/errors.ts';
import type { TlsOptions } from '../../model/tls.ts';
import { ownSocketLimit } from '../own-limit.ts';
import { beyondOwnLimit, Exchange, socketText } from './exchange.ts';
import { invalidRequest, requireSendable } from './header-block.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import type { AnswerHandler, LoadAnswer, LoadHttp, LoadHttpStats, LoadRequest } from './types.ts';

const KEEP_ALIVE_MS = 1_000;

/** undici's cheapest way behind the same interface: for https, where the cost of a request is encryption anyway. */
export class UndiciLoad implements LoadHttp {
  readonly #pool: Pool;
  #disposed = false;
  #opened = 0;

  constructor(url: URL, connections: number, tls: TlsOptions = {}) {
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The engine's own time-out is the limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0, ...tls },
      maxResponseSize: MAX_BODY_BYTES,
    });
    this.#pool.on('connect', () => {
      this.#opened += 1;
    });
  }

  send(request: LoadRequest, handler: AnswerHandler): () => void {
    requireSendable(request.method, request.path);
    const exchange = new Exchange(request, handler);
    const reading = new Reading(exchange);
    const { method, path, headers, body } = request;
    if (this.#disposed) process.nextTick(() => exchange.fail('the client is closed'));
    else this.#pool.dispatch({ method, path, headers: headers.entries, body }, reading);
    return () => reading.cancel();
  }

  stats(): LoadHttpStats {
    const { connected, running, queued } = this.#pool.stats;
    return { open: connected, busy: running, queued, opened: this.#opened, resent: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#pool.destroy();
  }
}

class Reading implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #pieces: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #bytes = 0;
  #headers: Readonly<Record<string, string>> = {};

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  cancel(): void {
    this.#exchange.over = true;
    this.#controller?.abort(new Error('cancelled'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#exchange.over) controller.abort(new Error('cancelled'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    );
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#pieces.push(chunk);
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.#pieces)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    this.#exchange.answer(this.#answer(text, null));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#exchange.over) return;
    const { request, handler } = this.#exchange;
    if (error instanceof errors.ResponseExceededMaxSizeError || error instanceof errors.HeadersOverflowError) {
      this.#exchange.over = true;
      handler.crashed(beyondOwnLimit(request, error));
    } else if (error instanceof errors.InvalidArgumentError) {
      this.#exchange.over = true;
      handler.crashed(invalidRequest(messageOf(error), error));
    } else {
      const own = ownSocketLimit(error);
      if (own === null) this.#exchange.answer(this.#answer('', socketText(error)));
      else this.#exchange.crash(own);
    }
  }

  #answer(text: string, error: string | null): LoadAnswer {
    return { status: this.#status, headers: this.#headers, text, bytes: error === null ? this.#bytes : 0, error };
  }
}
