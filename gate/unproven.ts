import type { RecordCriterion } from '../harness/model/record.ts';

/**
 * On a machine that others use too, a latency or a rate may stay unproven, and the load generator may say that it was not on time
 * itself: those are answers, and never a NO_GO. Everything else is MET whatever the machine does.
 */
export function isUnproven(criterion: RecordCriterion): boolean {
  return isHarnessLate(criterion) || (criterion.state === 'INCONCLUSIVE' && isTimed(criterion));
}

/** A latency or a rate. */
export function isTimed({ unit }: RecordCriterion): boolean {
  return unit === 'ms' || unit === 'rps';
}

/** Without enough of the processor the generator spoils whatever it measures, and says so of each. */
export function isHarnessLate({ state, reason }: RecordCriterion): boolean {
  return state === 'ERROR' && reason.startsWith('The harness is at fault: ') && /\bgenerator\b/u.test(reason);
}
