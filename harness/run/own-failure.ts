import { messageOf, MusterError } from '../model/errors.ts';
import { EXIT_CODE } from '../model/state.ts';
import { Interruption } from './interruption.ts';

/** Our own failure as the reason of a partial record. */
export function failureOf(error: unknown): Interruption {
  return new Interruption(messageOf(error), error instanceof MusterError ? error.exitCode : EXIT_CODE.INTERNAL);
}
