import { messageOf } from '../../model/errors.ts';
import { type Message, NotResp, RespParser } from './parser.ts';
import { isRead, type ReadCounter } from './reads.ts';

interface Asked {
  readonly command: string;
  /** Of reads alone: nothing else is remembered of what a client sends. */
  readonly keys: readonly string[];
}

/** After these, answers and commands do not pair any more: nothing is counted on such a connection. */
const UNPAIRED = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'MONITOR', 'SYNC', 'PSYNC']);
const MOST_WAITING = 100_000;

/**
 * Both sides of one connection, paired: the answers come in the order of the commands, whatever lies between them. What cannot be followed is
 * not guessed: the connection is deaf from then on, and says why.
 */
export class Conversation {
  readonly #counter: ReadCounter;
  readonly #onDeaf: (why: string) => void;
  readonly #waiting: Asked[] = [];
  /** Commands since MULTI that were taken; null: no transaction is open. */
  #queued: Asked[] | null = null;
  #deaf: string | null = null;
  readonly #asked = new RespParser((message) => this.#onAsked(message));
  readonly #answered = new RespParser((message) => this.#onAnswered(message));

  constructor(counter: ReadCounter, onDeaf: (why: string) => void = () => undefined) {
    this.#counter = counter;
    this.#onDeaf = onDeaf;
  }

  /** Why nothing is counted here any more; null: everything is. */
  get deaf(): string | null {
    return this.#deaf;
  }

  fromClient(bytes: Buffer): void {
    this.#listen(this.#asked, bytes);
  }

  fromServer(bytes: Buffer): void {
    this.#listen(this.#answered, bytes);
  }

  #listen(parser: RespParser, bytes: Buffer): void {
    if (this.#deaf !== null) return;
    try {
      parser.read(bytes);
    } catch (error) {
      if (!(error instanceof NotResp)) throw error;
      this.#stop(messageOf(error));
    }
  }

  #onAsked(message: Message): void {
    if (this.#deaf !== null || message.kind !== 'list') return;
    const [name, ...rest] = message.items.map((item) => (item.kind === 'text' ? item.text : ''));
    const command = (name ?? '').toUpperCase();
    const second = (rest[0] ?? '').toUpperCase();
    if (UNPAIRED.has(command) || (command === 'CLIENT' && second === 'REPLY')) return this.#stop(command.toLowerCase());
    if (this.#waiting.length >= MOST_WAITING) return this.#stop('too many commands without an answer');
    this.#waiting.push({ command, keys: isRead(command) ? rest : [] });
  }

  #onAnswered(message: Message): void {
    if (this.#deaf !== null || message.kind === 'push' || message.kind === 'attribute') return;
    const asked = this.#waiting.shift();
    if (asked === undefined) return this.#stop('an answer that nobody asked for');
    this.#pair(asked, message);
  }

  #pair(asked: Asked, reply: Message): void {
    const failed = reply.kind === 'error';
    if (asked.command === 'MULTI') this.#queued = failed ? this.#queued : [];
    else if (asked.command === 'DISCARD' || asked.command === 'RESET') this.#queued = failed ? this.#queued : null;
    else if (asked.command === 'EXEC') this.#execute(reply);
    else if (this.#queued !== null) {
      if (!failed) this.#queued.push(asked);
    } else if (isRead(asked.command)) this.#counter.count(asked.command, asked.keys, reply);
  }

  #execute(reply: Message): void {
    const queued = this.#queued ?? [];
    this.#queued = null;
    if (reply.kind !== 'list') return;
    for (const [index, item] of reply.items.entries()) {
      const asked = queued[index];
      if (asked !== undefined && isRead(asked.command)) this.#counter.count(asked.command, asked.keys, item);
    }
  }

  #stop(why: string): void {
    this.#deaf = why;
    this.#onDeaf(why);
    this.#waiting.length = 0;
  }
}
