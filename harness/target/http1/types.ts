import type { MusterError } from '../../model/errors.ts';
import type { HeaderBlock } from './header-block.ts';

/** One request. Its parts are cheap to reuse: make the header block once. */
export interface LoadRequest {
  /** In capitals. */
  readonly method: string;
  /** Whole, with the path of the base URL and the query; percent-encoded. */
  readonly path: string;
  readonly headers: HeaderBlock;
  readonly body: string | Buffer | null;
}

/** What came back for one request. Whatever the target did, this is data. */
export interface LoadAnswer {
  /** null: no whole head of an answer arrived. */
  readonly status: number | null;
  /** Names in lower case; those sent more than once are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8; empty when the answer is not whole. */
  readonly text: string;
  /** Bytes of the body. */
  readonly bytes: number;
  /** What went wrong in transport; null when a whole answer arrived. */
  readonly error: string | null;
}

/** Takes the end of one request. Called from the socket's own callback, so it must not throw. */
export interface AnswerHandler {
  /** At most once; not after the request was cancelled. */
  answered(answer: LoadAnswer): void;
  /** A limit of ours ended the exchange: a harness fault, never the target's. Instead of `answered`. */
  crashed(error: MusterError): void;
}

/** Counts of one client; `queued` requests wait for a connection. */
export interface LoadHttpStats {
  readonly open: number;
  readonly busy: number;
  readonly queued: number;
  /** Connections opened in all. */
  readonly opened: number;
  /** Requests sent a second time because a kept-alive connection was closed under them. */
  readonly resent: number;
}

export interface LoadHttp extends AsyncDisposable {
  /**
   * Sends one request as soon as a connection is free, in the order of the calls. No time limit of its own.
   * The function returned gives it up: the handler is not called any more and its connection is closed.
   * @throws MusterError MUSTER_INVALID_REQUEST (config) for a method or path that HTTP cannot carry.
   */
  send(request: LoadRequest, handler: AnswerHandler): () => void;
  stats(): LoadHttpStats;
}
