import { connect, type Socket } from 'node:net';
import { WholeAnswer, type Exchange } from './exchange.ts';
import { ResponseParser, type HeadMemo } from './response-parser.ts';
import type { WireFormat } from './wire-format.ts';

/** An idle connection is not used again after this time unless the server allows longer; see the other HTTP client. */
const KEEP_ALIVE_MS = 1_000;
/** Taken off the server's own limit, but never more than half of it: a request sent at the last moment would meet the close. */
const KEEP_ALIVE_MARGIN_MS = 2_000;
/** A server that closes a connection it had kept does so before it has seen the request; later, it closes because of it. */
const STALE_CLOSE_MS = 100;

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly wire: WireFormat;
  /** Every read goes here: one buffer serves all connections, because each read is parsed before the next begins. */
  readonly readBuffer: Buffer;
  readonly memo: HeadMemo;
}

/** What a connection tells the pool that owns it. */
export interface ConnectionEvents {
  opened(connection: Connection): void;
  /** It can carry another request; `answer` is called once it has been given back. */
  free(connection: Connection): void;
  /** Never used again. `exchange` was on it and has got nothing because the connection was stale: send it anew. */
  closed(connection: Connection, again: Exchange | null, error: Error | null): void;
}

/** One connection, one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #parser: ResponseParser;
  readonly #wire: WireFormat;
  readonly #events: ConnectionEvents;
  #exchange: Exchange | null = null;
  #closed = false;
  #used = 0;
  #sentAtMs = 0;
  #idleSinceMs = 0;
  #idleLimitMs = KEEP_ALIVE_MS;
  #error: Error | null = null;

  constructor({ host, port, wire, readBuffer, memo }: ConnectionOptions, events: ConnectionEvents) {
    this.#parser = new ResponseParser(memo);
    this.#wire = wire;
    this.#events = events;
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (bytes, buffer) => {
          this.#read(buffer as Buffer, bytes);
          return true;
        },
      },
    });
    this.#socket.on('connect', () => {
      this.#idleSinceMs = performance.now();
      events.opened(this);
    });
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#lost());
  }

  /** Whether the server has probably not closed it for being idle. */
  usable(nowMs: number): boolean {
    return !this.#closed && nowMs - this.#idleSinceMs < this.#idleLimitMs;
  }

  /** Sends a request; nothing else may be on the connection. */
  carry(exchange: Exchange, nowMs: number): void {
    this.#exchange = exchange;
    exchange.carrier = this;
    this.#sentAtMs = nowMs;
    this.#used += 1;
    this.#parser.reset(exchange.request.method === 'HEAD');
    this.#wire.write(this.#socket, exchange.request);
  }

  /** Cuts it, with whatever is on it. */
  destroy(): void {
    this.#exchange = null;
    this.#close(null);
  }

  #read(chunk: Buffer, bytes: number): void {
    if (this.#exchange === null) return this.#close(null); // An idle connection on which something comes cannot be trusted.
    const at = this.#parser.push(chunk, bytes);
    if (this.#parser.state !== 'reading') this.#over(at === bytes);
  }

  #ended(): void {
    this.#parser.end();
    if (this.#exchange !== null && this.#parser.state === 'done') this.#over(false);
    else this.#lost();
  }

  /** The answer is over, well or not. `clean`: nothing came after it. */
  #over(clean: boolean): void {
    const { head, state } = this.#parser;
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#exchange = null;
    if (state === 'done' && head !== null) {
      const answer = new WholeAnswer(head, this.#parser.text(), this.#parser.bodyBytes);
      if (clean && this.#keeps()) this.#events.free(this);
      else this.#close(null);
      exchange.answer(answer);
    } else {
      this.#close(null);
      if (state === 'too-large') exchange.tooLarge();
      else exchange.fail(this.#parser.problem, head);
    }
  }

  /** Whether both sides mean to go on: then the idle time begins. */
  #keeps(): boolean {
    const { head } = this.#parser;
    if (head === null || !head.persistent || this.#parser.untilClose || this.#socket.writableLength > 0) return false;
    this.#idleLimitMs = head.keepAliveS === null ? KEEP_ALIVE_MS : idleLimitMs(head.keepAliveS * 1000);
    this.#idleSinceMs = performance.now();
    return this.#idleLimitMs > 0;
  }

  /** The server or the network ended it. */
  #lost(): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange === null) return this.#close(null);
    const stale = this.#used > 1 && !this.#parser.started && performance.now() - this.#sentAtMs < STALE_CLOSE_MS;
    if (stale && exchange.idempotent && !exchange.resent) return this.#close(exchange);
    this.#close(null);
    exchange.broken('the connection was closed before the answer was complete', this.#error, this.#parser.head);
  }

  #close(again: Exchange | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#events.closed(this, again, this.#error);
  }
}

/** How long a connection may be idle that its server keeps for `keptMs`. */
export function idleLimitMs(keptMs: number): number {
  return keptMs - Math.min(KEEP_ALIVE_MARGIN_MS, keptMs / 2);
}
