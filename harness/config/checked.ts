import { readDuration, type Read } from './quantities.ts';

/** The value of a text the schema has already checked. */
export function checked<T>(read: Read<T>): T {
  if (read.ok) return read.value;
  throw new TypeError(`a value passed the schema but not its reader: ${read.problem}`);
}

/** In ms. */
export function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : checked(readDuration(text));
}
