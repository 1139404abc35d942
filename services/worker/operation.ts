import { parseInput } from '../shared/read-input.ts';
import type { Operation, TypedOperation } from './role.ts';

export function operation<T>({ schema, run }: TypedOperation<T>): Operation {
  return { run: async (parameters, context) => run(parseInput(schema, parameters), context) };
}

/** A share as a number from 0 to 1; 1 of nothing is 0, because nothing was shown. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
