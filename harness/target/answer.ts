import type { Outcome } from '../model/outcome.ts';

/** What came back for one request. Whatever the target did, this is data. */
export interface Answer {
  /** null: no status line arrived. */
  readonly status: number | null;
  /** undefined when the body is not JSON. */
  readonly json: unknown;
  readonly text: string;
  /** From the call until the last byte of the body, or until it failed. */
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** What went wrong in transport; null when a whole answer arrived. */
  readonly error: string | null;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** 2xx ok, 429 and 503 shed, other 4xx rejected; everything else may or may not have happened. */
export function outcomeOfStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 429 || status === 503) return 'shed';
  return status >= 400 && status < 500 ? 'rejected' : 'unknown';
}

/** The JSON value of a text, whatever its content type says; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON is an answer like any other; the expressions then find nothing in it.
    return undefined;
  }
}
