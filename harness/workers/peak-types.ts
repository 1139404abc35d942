import type { Quantiles } from '../load/types.ts';
import type { TlsSettings } from '../model/tls.ts';

/** Every request is the same: what varies from one to the next is work for the open loop. */
export interface PeakRequest {
  readonly method: string;
  /** Whole, with the path of the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What the child process is told; over its stdin, because headers may hold secrets. */
export interface PeakOrder {
  readonly origin: string;
  /** For https; absent: what Node does by itself. */
  readonly tls?: TlsSettings | null;
  readonly request: PeakRequest;
  readonly connections: number;
  /** Answers in this time are not counted. */
  readonly warmupMs: number;
  /** Measured time, after the warm-up. */
  readonly durationMs: number;
  /** At least 1000, which is used for anything less: autocannon takes no shorter one. */
  readonly timeoutMs: number;
}

/**
 * The most a target does for clients that wait for each answer before they ask again. Not what users wait: a slow target gets fewer
 * requests. Show it beside an open loop's figures and with its label, never instead of them.
 */
export interface PeakResult {
  readonly label: 'closed loop (autocannon 9)';
  readonly connections: number;
  readonly measuredMs: number;
  /** Answers with a 2xx status per second of measured time. */
  readonly perSecond: number;
  /** Of all answers; time-outs and what was unanswered at the end are in it with the time they cost. null: nothing was asked. */
  readonly latencyMs: Quantiles | null;
  readonly answers: number;
  /** Answers with another status than 2xx. */
  readonly non2xx: number;
  /** Connections that broke or could not be opened. */
  readonly errors: number;
  readonly timeouts: number;
  /** Requests whose connection was closed without an answer. autocannon mixes up the times of those that follow: not to be believed then. */
  readonly lost: number;
  /** Event-loop utilisation of the generator, 0..1: near 1 it was the limit and not the target. */
  readonly elu: number;
}
