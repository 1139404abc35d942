import { connect, createServer, type Server, type Socket } from 'node:net';
import { Conversation } from './conversation.ts';
import { ReadCounter, type ReadsByShape } from './reads.ts';

/** What whoever wants to know the counts sends first; no client of Redis begins so. */
export const READS_PLEASE = 'MUSTER.READS\r\n';

export interface TapReads {
  readonly reads: ReadsByShape;
  readonly connections: number;
  /** Why nothing is counted on some connections, and on how many of them. */
  readonly deaf: Readonly<Record<string, number>>;
}

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/**
 * Stands between clients and Redis and counts what reads find. Bytes go through as they come; when Redis refuses, hangs up or resets, so does
 * the tap, and when Redis is slow, so is the tap.
 */
export function createTap(upstream: Upstream): Server {
  const book = new Book();
  return createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    // Who only looks whether somebody listens leaves without a word.
    const leave = (): void => void client.end();
    client.once('end', leave);
    client.once('data', (first: Buffer) => {
      if (first.toString('latin1') === READS_PLEASE) client.end(JSON.stringify(book.totals()));
      else {
        client.off('end', leave);
        client.pause();
        join(client, first, book.conversation(), upstream);
      }
    });
    client.on('error', () => client.destroy());
    // Whoever waits for the other side to speak first is connected all the same.
    client.resume();
  });
}

class Book {
  readonly #counter = new ReadCounter();
  readonly #deaf = new Map<string, number>();
  #connections = 0;

  conversation(): Conversation {
    this.#connections += 1;
    return new Conversation(this.#counter, (why) => this.#deaf.set(why, (this.#deaf.get(why) ?? 0) + 1));
  }

  totals(): TapReads {
    return { reads: this.#counter.totals(), connections: this.#connections, deaf: Object.fromEntries(this.#deaf) };
  }
}

function join(client: Socket, first: Buffer, conversation: Conversation, { host, port }: Upstream): void {
  const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const cut = (): void => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  client.on('error', cut);
  server.on('error', cut);
  conversation.fromClient(first);
  server.write(first);
  server.once('connect', () => {
    pass(client, server, (bytes) => conversation.fromClient(bytes));
    pass(server, client, (bytes) => conversation.fromServer(bytes));
    client.resume();
  });
}

/** In the order of the bytes: counted first, so that an answer never comes before its command. */
function pass(from: Socket, to: Socket, listen: (bytes: Buffer) => void): void {
  from.on('data', (bytes: Buffer) => {
    listen(bytes);
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
}
