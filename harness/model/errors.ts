import { EXIT_CODE } from './state.ts';

/** Whose fault an error is. What the target does wrong is data, never an error. */
export type Blame = 'config' | 'environment' | 'harness' | 'interrupt';

const EXIT_BY_BLAME: Record<Blame, number> = {
  config: EXIT_CODE.USAGE,
  environment: EXIT_CODE.ENVIRONMENT,
  harness: EXIT_CODE.INTERNAL,
  interrupt: EXIT_CODE.SIGINT,
};

export interface MusterErrorOptions {
  /** `MUSTER_…`, unique, stable. */
  readonly code: string;
  readonly blame: Blame;
  /** What to do next; a full sentence. */
  readonly hint: string;
  readonly cause?: unknown;
}

/**
 * An error about us: configuration, environment or harness. The message says what failed, on what, with which
 * value and what was expected; `hint` says what to do next.
 */
export class MusterError extends Error {
  readonly code: string;
  readonly blame: Blame;
  readonly hint: string;

  constructor(message: string, options: MusterErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MusterError';
    this.code = options.code;
    this.blame = options.blame;
    this.hint = options.hint;
  }

  get exitCode(): number {
    return EXIT_BY_BLAME[this.blame];
  }
}

/** The text of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
