import { messageOf, MusterError } from '../model/errors.ts';
import { asMachineError } from '../model/machine-errors.ts';
import { EXIT_CODE } from '../model/state.ts';
import { Interruption } from './interruption.ts';

/** Our own failure as the reason of a partial record. */
export function failureOf(thrown: unknown): Interruption {
  const error = asMachineError(thrown);
  return new Interruption(messageOf(error), error instanceof MusterError ? error.exitCode : EXIT_CODE.INTERNAL);
}
