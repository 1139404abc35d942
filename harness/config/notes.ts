import { entriesOf, valueAt } from './finding.ts';

/** Settings a target file may have although nothing acts on them yet; `*` stands for any name. */
const UNUSED: readonly (readonly string[])[] = [['faults'], ['signoffs'], ['stores', 'tenants'], ['bindings', 'events', 'heartbeat']];

/** A sentence per setting that is written but has no effect, so that nobody relies on it. */
export function notesOn(target: unknown): readonly string[] {
  return UNUSED.flatMap((pattern) => expand(target, pattern, []))
    .filter((path) => valueAt(target, path) !== undefined)
    .map((path) => `${path.join('.')} is accepted but has no effect in this version.`);
}

function expand(value: unknown, pattern: readonly string[], path: readonly string[]): readonly (readonly string[])[] {
  const [key, ...rest] = pattern;
  if (key === undefined) return [path];
  const keys = key === '*' ? entriesOf(value).map(([name]) => name) : [key];
  return keys.flatMap((name) => expand(valueAt(value, [name]), rest, [...path, name]));
}
