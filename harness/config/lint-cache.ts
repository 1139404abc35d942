import type { Finding } from './finding.ts';
import { valueAt } from './finding.ts';
import { suggest } from '../model/suggest.ts';
import { placeholdersIn } from '../model/template.ts';

/** Instances that are no service of the target; answers of which nobody could say whether they were kept. */
export function lintCache(target: unknown, http: readonly string[]): readonly Finding[] {
  const root = ['bindings', 'cache'];
  if (valueAt(target, root) === undefined) return [];
  const instances = valueAt(target, [...root, 'instances']);
  const named: readonly unknown[] = Array.isArray(instances) ? instances : [];
  return [
    ...named.flatMap((name, index) =>
      typeof name !== 'string' || http.includes(name)
        ? []
        : [
            {
              path: [...root, 'instances', String(index)],
              problem: 'names no http service of this target',
              allowed: http.join(', '),
              suggestion: suggest(name, http),
            },
          ],
    ),
    ...untold(target, root),
    ...keysOfAll(target, root),
  ];
}

/** Suites cut the time of these keys short: those of others are not theirs to touch. */
function keysOfAll(target: unknown, root: readonly string[]): readonly Finding[] {
  const path = [...root, 'keys'];
  const keys = valueAt(target, path);
  if (typeof keys !== 'string' || placeholdersIn(keys).includes('workspace')) return [];
  return [{ path, problem: 'is a pattern of the keys of all workspaces', allowed: 'a pattern with ${workspace} in it' }];
}

function untold(target: unknown, root: readonly string[]): readonly Finding[] {
  const path = [...root, 'read'];
  if (valueAt(target, path) === undefined || ['hit', 'id', 'value'].some((part) => valueAt(target, [...path, part]) !== undefined))
    return [];
  return [
    {
      path,
      problem: 'says nothing of whether an answer was kept',
      allowed: '`hit`, or `id` by which the meter is asked, or `value` in which a write shows',
      shown: null,
    },
  ];
}
