import { entriesOf, valueAt } from './finding.ts';
import type { Origin } from './settings.ts';

/** Resolved key → key in the user's file, where the two differ. */
const USER_KEYS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  poolMax: [['pool', 'max']],
  maxmemoryBytes: [['maxmemory']],
  memoryBytes: [['memory']],
  composeService: [['compose']],
  files: [['file']],
  ratePerSecond: [['rate']],
  withinMs: [['within']],
  method: [['http']],
  path: [['http']],
};
/** Parts of a request that are written beside `http` or `ws`, not within. */
const BESIDE = ['service', 'body', 'headers'];

/** Records, for every leaf of the resolved target, whether the user wrote it or it is a default. */
export function recordTarget(target: object, user: unknown, file: Origin, provenance: Map<string, Origin>): void {
  const visit = (value: unknown, path: readonly string[]): void => {
    const children = Array.isArray(value) ? namedChildren(value) : entriesOf(value);
    if (children.length > 0) for (const [key, child] of children) visit(child, [...path, key]);
    else provenance.set(['target', ...path].join('.'), isServiceName(path) || isWritten(user, path) ? file : 'default');
  };
  visit(target, []);
}

/** A service's name is the key it is written under. */
function isServiceName(path: readonly string[]): boolean {
  return path.length === 3 && path[0] === 'services' && path[2] === 'name';
}

/** Services are a list in the model and a mapping in the file: their names are the keys. */
function namedChildren(list: readonly unknown[]): readonly (readonly [string, unknown])[] {
  return list.flatMap((item) => {
    const name = entriesOf(item).find(([key]) => key === 'name')?.[1];
    return typeof name === 'string' ? [[name, item] as const] : [];
  });
}

function isWritten(user: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return user !== undefined && user !== null;
  if (typeof user !== 'object' || user === null)
    return typeof user === 'string' ? !BESIDE.includes(key) : user !== undefined && user !== null;
  const written = (name: string): unknown => valueAt(user, [name]);
  if ((key === 'http' || key === 'ws') && BESIDE.includes(rest[0] ?? '')) return isWritten(user, rest);
  return [[key], ...(USER_KEYS[key] ?? [])].some(
    ([first = '', ...deeper]) => written(first) !== undefined && isWritten(written(first), [...deeper, ...rest]),
  );
}
