import { MIX_BINDINGS } from '../model/mix.ts';
import { suggest } from '../model/suggest.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';

/**
 * Mistakes of `workload.mix` at `path`: kinds of work that do not exist or that the target does not bind, and a mix without any work.
 * @param bindings of the target as written; undefined when the target is not known.
 */
export function lintMix(root: unknown, path: readonly string[], bindings: unknown): readonly Finding[] {
  const at = [...path, 'workload', 'mix'];
  const mix = entriesOf(valueAt(root, at));
  const idle = mix.length > 0 && mix.every(([, weight]) => weight === 0);
  return [
    ...mix.flatMap(([name, weight]) => kindMistake([...at, name], name, weight === 0 ? undefined : bindings)),
    ...(idle ? [{ path: at, problem: 'has no work: every weight is 0', allowed: 'at least one weight above 0', shown: null }] : []),
  ];
}

function kindMistake(path: readonly string[], name: string, bindings: unknown): readonly Finding[] {
  const known = Object.keys(MIX_BINDINGS);
  const needs = Object.hasOwn(MIX_BINDINGS, name) ? MIX_BINDINGS[name] : undefined;
  if (needs === undefined)
    return [{ path, problem: 'is no kind of work', allowed: known.join(', '), suggestion: suggest(name, known), shown: null }];
  const missing = bindings === undefined ? [] : needs.filter((binding) => valueAt(bindings, [binding]) === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((binding) => `\`${binding}\``).join(' and ');
  return [{ path, problem: `needs the binding ${names}, which the target does not have`, shown: null }];
}
