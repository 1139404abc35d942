import type { Profile } from '../model/criterion.ts';
import { MusterError } from '../model/errors.ts';
import type { EnvValues } from '../model/template.ts';

/** What a config function is given. */
export interface ConfigContext {
  readonly env: EnvValues;
  /** From flag or variable, else `full`; the file itself has not been read yet. */
  readonly profile: Profile;
}

/** A file that cannot be read at all, so that nothing else can be said about it. */
export function syntaxError(place: string, problem: string, cause: unknown): MusterError {
  return new MusterError(`${place} cannot be read: ${problem.trim()}`, {
    code: 'MUSTER_CONFIG_SYNTAX',
    blame: 'config',
    hint: 'Correct the file at this place and run the command again.',
    cause,
  });
}
