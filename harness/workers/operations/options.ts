import type { MixEntry } from '../../load/index.ts';
import { MusterError } from '../../model/errors.ts';
import type { JsonTemplate } from '../../model/target.ts';

/** What a load tells one of its operations; each reader checks the type. */
export interface EntryOptions {
  text(name: string): string | undefined;
  count(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  list(name: string): readonly JsonTemplate[] | undefined;
  value(name: string): JsonTemplate | undefined;
}

/** @throws MusterError MUSTER_LOAD_OPTIONS when an option is of another type. */
export function optionsOf({ operation, options = {} }: MixEntry): EntryOptions {
  const value = (name: string): JsonTemplate | undefined => (Object.hasOwn(options, name) ? options[name] : undefined);
  const wrong = (name: string, expected: string): never => {
    throw new MusterError(
      `The load operation "${operation}" has the option "${name}" ${JSON.stringify(value(name))}, expected ${expected}.`,
      {
        code: 'MUSTER_LOAD_OPTIONS',
        blame: 'harness',
        hint: 'Correct the mix in the plan of this load.',
      },
    );
  };
  return {
    value,
    text(name) {
      const found = value(name);
      return found === undefined || typeof found === 'string' ? found : wrong(name, 'a text');
    },
    count(name) {
      const found = value(name);
      if (found === undefined) return undefined;
      return typeof found === 'number' && Number.isInteger(found) && found >= 0 ? found : wrong(name, 'a whole number');
    },
    flag(name) {
      const found = value(name);
      return found === undefined || typeof found === 'boolean' ? found : wrong(name, 'true or false');
    },
    list(name) {
      const found = value(name);
      return found === undefined || Array.isArray(found) ? (found as readonly JsonTemplate[] | undefined) : wrong(name, 'a list');
    },
  };
}

/** A value as it is written in a header or a command. */
export function textOf(value: JsonTemplate): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
