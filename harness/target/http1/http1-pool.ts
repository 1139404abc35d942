import { Connection, type ConnectionEvents, type ConnectionOptions } from './connection.ts';
import { Exchange } from './exchange.ts';
import { HeadMemo } from './response-parser.ts';
import type { AnswerHandler, LoadHttp, LoadHttpStats, LoadRequest } from './types.ts';
import { Waiting } from './waiting.ts';
import { WireFormat } from './wire-format.ts';

const READ_BYTES = 64 * 1024;

/** Keep-alive connections to one plaintext origin: at most `connections`, one request at a time on each. */
export class Http1Pool implements LoadHttp {
  readonly #limit: number;
  readonly #wire: WireFormat;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #all = new Set<Connection>();
  /** In the order they were opened. */
  readonly #connecting = new Set<Connection>();
  /** The one used last is used next. */
  readonly #idle: Connection[] = [];
  readonly #waiting = new Waiting();
  #opened = 0;
  #resent = 0;
  #disposed = false;

  constructor(url: URL, connections: number) {
    this.#limit = connections;
    this.#wire = new WireFormat(url.host);
    this.#options = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 80 : Number(url.port),
      wire: this.#wire,
      readBuffer: Buffer.allocUnsafeSlow(READ_BYTES),
      memo: new HeadMemo(),
    };
    this.#events = {
      opened: (connection) => {
        this.#connecting.delete(connection);
        this.#free(connection);
      },
      free: (connection) => this.#free(connection),
      closed: (connection, again, error) => this.#closed(connection, again, error),
    };
  }

  send(request: LoadRequest, handler: AnswerHandler): () => void {
    this.#wire.check(request);
    const exchange = new Exchange(request, handler);
    this.#dispatch(exchange);
    return () => this.#cancel(exchange);
  }

  stats(): LoadHttpStats {
    return {
      open: this.#all.size - this.#connecting.size,
      busy: this.#all.size - this.#connecting.size - this.#idle.length,
      queued: this.#waiting.length,
      opened: this.#opened,
      resent: this.#resent,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (let next = this.#waiting.shift(); next !== null; next = this.#waiting.shift()) next.over = true;
    for (const connection of this.#all) connection.destroy();
  }

  #dispatch(exchange: Exchange): void {
    if (this.#disposed) return process.nextTick(() => exchange.fail('the client is closed'));
    const nowMs = performance.now();
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable(nowMs)) return connection.carry(exchange, nowMs);
      connection.destroy();
    }
    this.#waiting.push(exchange);
    this.#grow();
  }

  /** Opens as many connections as there are requests for. */
  #grow(): void {
    while (!this.#disposed && this.#connecting.size < this.#waiting.length && this.#all.size < this.#limit) {
      const connection = new Connection(this.#options, this.#events);
      this.#all.add(connection);
      this.#connecting.add(connection);
      this.#opened += 1;
    }
  }

  #free(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next === null) this.#idle.push(connection);
    else connection.carry(next, performance.now());
  }

  #cancel(exchange: Exchange): void {
    if (exchange.over) return;
    exchange.over = true;
    if (exchange.carrier !== null) return exchange.carrier.destroy();
    this.#waiting.forget();
    const [oldest] = this.#connecting;
    if (oldest !== undefined && this.#connecting.size > this.#waiting.length) this.#giveUp(oldest);
  }

  /** A connection that is being opened for a request nobody waits for any more: it must not keep its place. */
  #giveUp(connection: Connection): void {
    this.#connecting.delete(connection);
    connection.destroy();
  }

  #closed(connection: Connection, again: Exchange | null, error: Error | null): void {
    this.#all.delete(connection);
    const refused = this.#connecting.delete(connection);
    const idle = this.#idle.indexOf(connection);
    if (idle >= 0) this.#idle.splice(idle, 1);
    if (this.#disposed) return;
    if (again !== null) this.#sendAnew(again);
    // Each connection that cannot be opened ends one request, so that a dead server fails as many as were sent to it.
    if (refused) this.#waiting.shift()?.broken('the connection could not be opened', error);
    this.#grow();
  }

  /** One stale connection makes the other idle ones suspect: it goes out on one that is proven. */
  #sendAnew(exchange: Exchange): void {
    this.#resent += 1;
    exchange.resent = true;
    exchange.carrier = null;
    for (const suspect of this.#idle.splice(0)) suspect.destroy();
    this.#waiting.unshift(exchange);
  }
}
