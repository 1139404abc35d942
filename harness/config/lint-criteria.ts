import type { CheckDeclaration } from '../model/criterion.ts';
import { parseThreshold, type Threshold, type Unit } from '../model/threshold.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';
import { predicateProblem } from './overrides.ts';
import { isNamed } from './selection.ts';
import { suggest } from '../model/suggest.ts';

export interface Bounds {
  readonly pass?: string | null;
  readonly nogo?: string | null;
}

/** Mistakes that show in one mapping of overrides at `path`: unknown ids (when ids are known) and predicates that see nothing. */
export function lintOverrides(root: unknown, path: readonly string[], ids: readonly string[] | null): readonly Finding[] {
  return entriesOf(valueAt(root, path)).flatMap(([id, override]) => {
    const unknown = ids === null || ids.includes(id) ? [] : [unknownId([...path, id], id, ids)];
    const when = valueAt(override, ['notApplicable', 'when']);
    const problem = typeof when === 'string' ? predicateProblem(when) : null;
    const blind =
      problem === null ? [] : [{ path: [...path, id, 'notApplicable', 'when'], problem, allowed: 'profile, provider, env.NAME' }];
    return [...unknown, ...blind];
  });
}

/** Names of suites (and, for `only` and `skip`, of groups and criteria) that do not exist. */
export function lintSelection(values: Readonly<Record<string, unknown>>, ids: readonly string[]): readonly Finding[] {
  const suites = suitesOf(ids);
  return (['suites', 'only', 'skip'] as const).flatMap((key) => {
    const known = key === 'suites' ? suites : [...suites, ...ids];
    const isKnown = (name: string): boolean => (key === 'suites' ? suites.includes(name) : ids.some((id) => isNamed(id, name)));
    const problem = key === 'suites' ? 'names no suite' : 'names no suite, group or criterion';
    const list = values[key];
    return (Array.isArray(list) ? (list as readonly unknown[]) : [])
      .map((name, index) => ({ name: String(name), path: [key, String(index)] }))
      .filter(({ name }) => !isKnown(name))
      .map(({ name, path }) => ({ path, problem, allowed: suites.join(', '), suggestion: suggest(name, known) }));
  });
}

/** Suites are the first part of their criteria's ids. */
function suitesOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.map((id) => id.split('.')[0] ?? id))];
}

/**
 * Bounds that can never be meant: on a criterion that takes none, in a unit that does not fit, or a no-go bound that
 * is stricter than the pass bound or points the same way. `written` wins over the declaration.
 */
export function lintBounds(id: string, written: Bounds, declaration: CheckDeclaration | undefined): readonly Finding[] {
  const pass = read(written.pass ?? declaration?.pass);
  const nogo = read(written.nogo ?? declaration?.nogo);
  const blamed = typeof written.nogo === 'string' ? 'nogo' : 'pass';
  const contradiction = pass === null || nogo === null ? null : contradictionOf(pass, nogo);
  return [
    ...(['pass', 'nogo'] as const).flatMap((key) => misfits(['criteria', id, key], written[key], declaration)),
    ...(contradiction === null ? [] : [{ path: ['criteria', id, blamed], ...contradiction }]),
  ];
}

function misfits(path: readonly string[], text: string | null | undefined, declaration: CheckDeclaration | undefined): readonly Finding[] {
  const bound = read(text);
  if (bound === null || declaration === undefined) return [];
  if (declaration.kind === 'boolean' || declaration.kind === 'count') {
    const rule = declaration.kind === 'boolean' ? 'every attempt must pass' : 'not one bad event is tolerated';
    return [
      {
        path,
        problem: `is set on a criterion without bounds: ${rule}`,
        allowed: 'severity, minSamples, notApplicable, owner',
        shown: text,
      },
    ];
  }
  if (declaration.unit === null || sameDimension(bound.unit, declaration.unit)) return [];
  return [
    {
      path,
      problem: `is in ${bound.unit}, but this criterion is measured in ${declaration.unit}`,
      allowed: `a number in ${declaration.unit}`,
      shown: text,
    },
  ];
}

function contradictionOf(
  pass: Threshold,
  nogo: Threshold,
): { readonly problem: string; readonly allowed: string; readonly shown: string } | null {
  if (!sameDimension(pass.unit, nogo.unit)) {
    return { problem: `is in another unit than the pass bound ${pass.text}`, allowed: `a number in ${pass.unit}`, shown: nogo.text };
  }
  const lowerIsBetter = pass.op.startsWith('<');
  if (pass.op === '==' || nogo.op === '==') return null;
  const wanted = lowerIsBetter ? '>=' : '<=';
  if (nogo.op.startsWith('<') === lowerIsBetter) {
    return {
      problem: `points the same way as the pass bound ${pass.text}`,
      allowed: `${wanted} a number, for example ${wanted} what must stop a release`,
      shown: nogo.text,
    };
  }
  const stricter = lowerIsBetter ? nogo.value < pass.value : nogo.value > pass.value;
  return stricter
    ? {
        problem: `is stricter than the pass bound ${pass.text}, so that a value could pass and be no-go`,
        allowed: `${wanted} ${pass.text.replace(/^[<>=]+\s*/, '')} or beyond`,
        shown: nogo.text,
      }
    : null;
}

function unknownId(path: readonly string[], id: string, ids: readonly string[]): Finding {
  const suite = id.split('.')[0] ?? '';
  const near = ids.filter((known) => known.startsWith(`${suite}.`));
  const allowed = near.length === 0 ? 'the ids printed by `muster list`' : near.join(', ');
  return { path, problem: 'is no declared criterion', allowed, suggestion: suggest(id, ids), shown: null };
}

function read(text: string | null | undefined): Threshold | null {
  const parsed = typeof text === 'string' ? parseThreshold(text) : null;
  return parsed?.ok === true ? parsed.threshold : null;
}

function sameDimension(a: Unit, b: Unit): boolean {
  const dimension = (unit: Unit): Unit => (unit === 's' ? 'ms' : unit);
  return dimension(a) === dimension(b);
}
