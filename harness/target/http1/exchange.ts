import { MusterError } from '../../model/errors.ts';
import { ownSocketLimit } from '../own-limit.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import type { ResponseHead } from './response-head.ts';
import type { AnswerHandler, LoadAnswer, LoadRequest } from './types.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};
/** RFC 9110, 9.2.2: doing it twice is the same as doing it once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** What can be cut to give a request up. */
interface Carrier {
  destroy(): void;
}

/** One request on its way: from `send` to its end. */
export class Exchange {
  readonly request: LoadRequest;
  readonly handler: AnswerHandler;
  over = false;
  resent = false;
  /** The connection it is on; null while it waits for one. */
  carrier: Carrier | null = null;

  constructor(request: LoadRequest, handler: AnswerHandler) {
    this.request = request;
    this.handler = handler;
  }

  get idempotent(): boolean {
    return IDEMPOTENT.has(this.request.method);
  }

  fail(error: string, head: ResponseHead | null = null): void {
    this.#answer({ status: head?.status ?? null, headers: head?.headers ?? NO_HEADERS, text: '', bytes: 0, error });
  }

  /** Its connection broke, or could not be opened: by what the target or the network did, or by a limit of our own. */
  broken(what: string, error: Error | null, head: ResponseHead | null = null): void {
    const own = ownSocketLimit(error);
    if (own !== null) return this.crash(own);
    this.fail(error === null ? what : `${what} (${socketText(error)})`, head);
  }

  answer(answer: LoadAnswer): void {
    this.#answer(answer);
  }

  tooLarge(): void {
    this.crash(beyondOwnLimit(this.request));
  }

  crash(error: MusterError): void {
    if (this.over) return;
    this.over = true;
    this.handler.crashed(error);
  }

  #answer(answer: LoadAnswer): void {
    if (this.over) return;
    this.over = true;
    this.handler.answered(answer);
  }
}

/** A whole answer; its headers are read when they are asked for. */
export class WholeAnswer implements LoadAnswer {
  readonly status: number;
  readonly text: string;
  readonly bytes: number;
  readonly error = null;
  readonly #head: ResponseHead;

  constructor(head: ResponseHead, text: string, bytes: number) {
    this.status = head.status;
    this.text = text;
    this.bytes = bytes;
    this.#head = head;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#head.headers;
  }
}

export function beyondOwnLimit({ method, path }: LoadRequest, cause?: Error): MusterError {
  return new MusterError(
    `The answer to ${method} ${path} is larger than Muster reads (${MAX_BODY_BYTES / 2 ** 20} MiB of body, 16 KiB of headers).`,
    {
      code: 'MUSTER_ANSWER_TOO_LARGE',
      blame: 'harness',
      hint: 'Bind a request whose answer is smaller, such as one with a limit or a page.',
      ...(cause && { cause }),
    },
  );
}

/** `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:8000`: what a socket says, in one line. */
export function socketText(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null || error.message.includes(code)) return error.message;
  return error.message === '' ? code : `${code}: ${error.message}`;
}
