import type { Criterion } from '../model/criterion.ts';
import { directionOf, policyProblem } from './policy.ts';
import { samplesNeeded } from './power.ts';
import { quantileNamedBy } from './statistics/minimum.ts';

/** `error`: the criterion cannot be judged or never be met; `warning`: it can, but hardly as meant. */
export interface LintFinding {
  readonly level: 'error' | 'warning';
  readonly criterion: string;
  readonly text: string;
}

/** What is wrong with a set of criteria before anything is measured, in the order of the criteria. */
export function lintCriteria(criteria: readonly Criterion[]): readonly LintFinding[] {
  const ids = new Set(criteria.map(({ id }) => id));
  return criteria.flatMap((criterion, index) => [
    ...lintAlone(criterion),
    ...lintDuplicate(criterion, criteria.slice(0, index)),
    ...lintDependencies(criterion, ids, criteria),
    ...lintImplied(criterion, criteria),
  ]);
}

function error({ id }: Criterion, text: string): LintFinding {
  return { level: 'error', criterion: id, text };
}

function warning({ id }: Criterion, text: string): LintFinding {
  return { level: 'warning', criterion: id, text };
}

function lintAlone(criterion: Criterion): readonly LintFinding[] {
  const problem = policyProblem(criterion);
  if (problem !== null) return [error(criterion, `${problem}.`)];
  const unreachable = unreachableBecause(criterion);
  return unreachable === null ? lintSamples(criterion) : [error(criterion, `green is unreachable: ${unreachable}.`)];
}

function lintSamples(criterion: Criterion): readonly LintFinding[] {
  const { id, kind, minSamples, pass, severity } = criterion;
  const needed = samplesNeeded(criterion);
  if (minSamples !== 'auto') {
    const target = pass?.text ?? 'the target';
    return needed > minSamples
      ? [warning(criterion, `minSamples ${minSamples} is below what can prove ${target}: it takes ${needed}.`)]
      : [];
  }
  if (kind === 'quantile' && quantileNamedBy(id) === null) {
    return [warning(criterion, 'the id does not name its quantile (…_p95): it is planned as p99; name it or write minSamples.')];
  }
  return kind === 'level' && (severity === 'P0' || severity === 'P1')
    ? [warning(criterion, 'a level with minSamples auto is met by a single reading: write how many it takes.')]
    : [];
}

function unreachableBecause(criterion: Criterion): string | null {
  const { kind, pass } = criterion;
  if (kind === 'ratio' && samplesNeeded(criterion) === Number.POSITIVE_INFINITY) {
    return `no number of trials proves ${pass?.text ?? 'it'}; use a count that allows no bad event`;
  }
  const isNeverNegative = kind === 'quantile' || kind === 'rate' || kind === 'count';
  return isNeverNegative && pass?.op === '<' && pass.value === 0 ? `no ${kind} is below 0` : null;
}

function lintDuplicate(criterion: Criterion, earlier: readonly Criterion[]): readonly LintFinding[] {
  const twin = earlier.find(({ id }) => id === criterion.id);
  if (twin === undefined) return [];
  const isSame =
    twin.pass?.text === criterion.pass?.text && twin.nogo?.text === criterion.nogo?.text && twin.severity === criterion.severity;
  return [error(criterion, isSame ? 'is declared twice.' : 'is declared twice, with different bounds or severities.')];
}

function lintDependencies(criterion: Criterion, ids: ReadonlySet<string>, criteria: readonly Criterion[]): readonly LintFinding[] {
  const missing = criterion.dependsOn
    .filter((id) => !ids.has(id))
    .map((id) => warning(criterion, `depends on ${id}, which is not declared here.`));
  return reaches(criterion.id, criterion.dependsOn, criteria) ? [...missing, error(criterion, 'depends on itself.')] : missing;
}

function reaches(goal: string, from: readonly string[], criteria: readonly Criterion[]): boolean {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === goal) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...criteria.filter((criterion) => criterion.id === id).flatMap(({ dependsOn }) => dependsOn));
  }
  return false;
}

/** Quantiles of one metric must not contradict each other: p95 < 250 ms says nothing beside p99 < 200 ms. */
function lintImplied(criterion: Criterion, criteria: readonly Criterion[]): readonly LintFinding[] {
  const own = quantileBound(criterion);
  if (own === null) return [];
  return criteria.flatMap((other) => {
    const bound = quantileBound(other);
    if (bound === null || bound.metric !== own.metric || bound.q <= own.q || bound.limit >= own.limit) return [];
    const text = `${criterion.pass?.text ?? ''} is implied by ${other.id} ${other.pass?.text ?? ''}: the bounds contradict each other.`;
    return [warning(criterion, text)];
  });
}

function quantileBound({ id, kind, pass }: Criterion): { readonly metric: string; readonly q: number; readonly limit: number } | null {
  const q = quantileNamedBy(id);
  if (kind !== 'quantile' || q === null || pass === null || directionOf(pass) !== 'lower') return null;
  return { metric: id.replace(/p\d{2,4}(?=$|[._-])/, 'p*'), q, limit: pass.value };
}
