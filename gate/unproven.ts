import type { RecordCriterion } from '../harness/model/record.ts';
import type { CriterionState } from '../harness/model/state.ts';

/**
 * On a machine that others use too, a latency or a rate may stay unproven, and the load generator may say that it was not on time
 * itself: those are answers, and never a NO_GO. Everything else is MET whatever the machine does.
 */
export function isUnproven(criterion: RecordCriterion): boolean {
  return isHarnessLate(criterion) || (criterion.state === 'INCONCLUSIVE' && isTimed(criterion));
}

/** What too little of a machine can make of a latency or a rate that was measured; one that was not measured is excused by nothing. */
const SLOWED: readonly CriterionState[] = ['INCONCLUSIVE', 'MARGINAL', 'VIOLATED'];

/** So many criteria are MET on any machine: what noise can spoil is the smaller part. */
export const ALWAYS_MET = 22;

/**
 * On a machine of which others had a good part, a latency or a rate says nothing about who was measured. How soon a stack recovers does:
 * seconds are allowed for what takes a fraction of one.
 */
export function isSlowed(criterion: RecordCriterion): boolean {
  return isTimed(criterion) && criterion.suite !== 'recovery' && SLOWED.includes(criterion.state);
}

const OUTCOMES = [
  { effect: 'block', verdict: 'NO_GO', exitCode: 30 },
  { effect: 'hold', verdict: 'NOT_ASSESSED', exitCode: 40 },
  { effect: 'condition', verdict: 'CONDITIONAL', exitCode: 20 },
] as const;

/** How a run must end in which nothing but these keeps the verdict from GO. */
export function outcomeWith(criteria: readonly RecordCriterion[]): { readonly verdict: string; readonly exitCode: number } {
  const worst = OUTCOMES.find(({ effect }) => criteria.some((criterion) => criterion.effect === effect));
  return worst === undefined ? { verdict: 'GO', exitCode: 0 } : { verdict: worst.verdict, exitCode: worst.exitCode };
}

/** A latency or a rate. */
function isTimed({ unit }: RecordCriterion): boolean {
  return unit === 'ms' || unit === 'rps';
}

/** Without enough of the processor the generator spoils whatever it measures, and says so of each. */
export function isHarnessLate({ state, reason }: RecordCriterion): boolean {
  return state === 'ERROR' && reason.startsWith('The harness is at fault: ') && /\bgenerator\b/u.test(reason);
}
