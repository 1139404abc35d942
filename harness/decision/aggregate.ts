import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Verdict } from '../model/state.ts';
import { compareEffects, effectOf, exitCodeOf, verdictOf, worstEffect } from './effect.ts';
import type { Judged, Score } from './score.ts';
import { scoreOf } from './score.ts';

export interface Decision {
  readonly verdict: Verdict;
  /** Exit code of a run that ends with this verdict. */
  readonly exitCode: number;
  /** The rule that decided, in one sentence. */
  readonly reason: string;
  /** Ids of the criteria with the worst effect, in the order of the criteria; empty for GO. */
  readonly deciding: readonly string[];
  readonly score: Score;
  /** Exactly one result per criterion, in the order of the criteria. */
  readonly results: readonly CriterionResult[];
}

/**
 * The verdict: the worst effect of all declared criteria. A criterion without a result is NOT_RUN, of several results the worst
 * counts, a result nobody declared keeps the run from being assessed.
 * @param undeclared ids of reports without a criterion, from `reconcile`.
 */
export function aggregate(
  criteria: readonly Criterion[],
  results: readonly CriterionResult[],
  undeclared: readonly string[] = [],
): Decision {
  const declared = new Set(criteria.map(({ id }) => id));
  const strangers = [...new Set([...undeclared, ...results.map(({ id }) => id)])].filter((id) => !declared.has(id)).toSorted();
  const judged = criteria.map((criterion) => ({ criterion, result: onlyResult(criterion, results) }));
  const worst = worstEffect([...judged.map(({ result }) => result.effect), ...strangers.map(() => 'hold' as const)]);
  const isVacuous = judged.every(({ result }) => result.state === 'NOT_APPLICABLE');
  const verdict = isVacuous ? 'NOT_ASSESSED' : verdictOf(worst);
  const isDeciding = (judgement: Judged): boolean => verdict !== 'GO' && judgement.result.effect === worst && worst !== 'ok';
  const deciding = judged.filter(isDeciding);
  return {
    verdict,
    exitCode: exitCodeOf(verdict),
    reason: isVacuous ? vacuousReason(criteria) : reasonOf({ verdict, judged, deciding, strangers: worst === 'hold' ? strangers : [] }),
    deciding: deciding.map(({ criterion }) => criterion.id),
    score: scoreOf(judged),
    results: judged.map(({ result }) => result),
  };
}

/** Effects are derived again from severity and state: a result does not get to say what it does to the verdict. */
function onlyResult(criterion: Criterion, results: readonly CriterionResult[]): CriterionResult {
  const [first, ...others] = results
    .filter(({ id }) => id === criterion.id)
    .map((result) => ({ ...result, effect: effectOf(criterion.severity, result.state) }))
    .toSorted((a, b) => compareEffects(b.effect, a.effect) || textOf(a).localeCompare(textOf(b)));
  if (first === undefined) return neverReported(criterion);
  if (others.length === 0) return first;
  const flaky = first.flaky || others.some((other) => other.flaky || other.state !== first.state);
  return { ...first, flaky, reason: `${first.reason} (The worst of ${others.length + 1} results for this check.)` };
}

/** Of equally bad results the same one is shown, in whatever order they came. */
function textOf({ state, reason }: CriterionResult): string {
  return `${state} ${reason}`;
}

function neverReported({ id, severity }: Criterion): CriterionResult {
  const nothing = { value: null, interval: null, samples: 0, deff: 1, flaky: false, blockedBy: null };
  return { id, state: 'NOT_RUN', effect: effectOf(severity, 'NOT_RUN'), reason: NEVER_REPORTED, ...nothing };
}

export const NEVER_REPORTED = 'Declared, but never reported.';

function vacuousReason(criteria: readonly Criterion[]): string {
  return criteria.length === 0 ? 'No criteria were declared: nothing was assessed.' : 'No criterion applies: nothing was assessed.';
}

const RULE: Record<Exclude<Verdict, 'GO'>, string> = {
  NO_GO: 'P0 or P1 violated',
  NOT_ASSESSED: 'not known, and must be known for a decision',
  CONDITIONAL: 'acceptable only under conditions',
};
const NAMED = 3;

interface Grounds {
  readonly verdict: Verdict;
  readonly judged: readonly Judged[];
  readonly deciding: readonly Judged[];
  readonly strangers: readonly string[];
}

function reasonOf({ verdict, judged, deciding, strangers }: Grounds): string {
  if (verdict === 'GO') return goReason(judged);
  const roots = deciding.filter(({ result }) => result.blockedBy === null);
  const named = (roots.length > 0 ? roots : deciding).slice(0, NAMED).map(({ criterion, result }) => {
    return `${criterion.id} (${criterion.severity} ${result.state})`;
  });
  const more = deciding.length - named.length;
  const list = [...named, ...(more > 0 ? [`${more} more`] : []), ...strangers.map((id) => `${id} (reported, but not declared)`)];
  return `${RULE[verdict]}: ${list.join(', ')}.`;
}

function goReason(judged: readonly Judged[]): string {
  const applicable = judged.filter(({ result }) => result.state !== 'NOT_APPLICABLE');
  const met = applicable.filter(({ result }) => result.state === 'MET');
  const notes = applicable.length - met.length;
  const rest = notes === 0 ? '' : `, ${notes} with a note (P2 or P3)`;
  const declared = judged.length - applicable.length;
  const waived =
    declared === 0 ? '' : ` ${declared} of ${judged.length} criteria were declared not applicable in the configuration and not looked at.`;
  return `Every P0 and P1 criterion is met: ${met.length} of ${applicable.length} criteria${rest}.${waived}`;
}
