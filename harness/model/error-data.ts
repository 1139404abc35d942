import { MusterError, messageOf, type Blame } from './errors.ts';

/** An error as it travels between processes. A MusterError keeps what decides the exit code and what it tells people. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  /** null: no MusterError. */
  readonly muster: { readonly code: string; readonly blame: Blame; readonly hint: string } | null;
}

export function toErrorData(error: unknown): ErrorData {
  const muster = error instanceof MusterError ? { code: error.code, blame: error.blame, hint: error.hint } : null;
  const { name, stack } = error instanceof Error ? error : { name: 'Error', stack: undefined };
  return { name, message: messageOf(error), stack: stack ?? null, muster };
}

/** The error again; its class is MusterError or Error, its name what it was. */
export function fromErrorData({ name, message, stack, muster }: ErrorData): Error {
  const error = muster === null ? new Error(message) : new MusterError(message, muster);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return error;
}
