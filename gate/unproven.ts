import type { RecordCriterion } from '../harness/model/record.ts';
import { DECLARED } from '../suites/support/declared.ts';
import type { MusterRun } from './run-muster.ts';

/**
 * On a machine that others use too, a latency or a rate may stay unproven, and Muster may say that its generator was not on time or that
 * others had the processors: those are answers, and never a NO_GO. Everything else is MET whatever the machine does.
 */
export function isUnproven(criterion: RecordCriterion): boolean {
  return isHarnessFault(criterion) || (['INCONCLUSIVE', 'MARGINAL'].includes(criterion.state) && isTimed(criterion));
}

/** What these suites measure rests on a generator that was on time, be it a time or not. */
const LOADED: readonly string[] = ['benchmark', 'recovery'];

const quick = DECLARED.filter(({ profiles }) => profiles.includes('quick'));

/** So many criteria a run of the profile quick judges. */
export const QUICK = quick.length;

/** So many of them are MET on any machine: what noise can spoil is the smaller part. */
export const ALWAYS_MET = quick.filter((criterion) => !isTimed(criterion) && !LOADED.includes(criterion.suite)).length;

/** In one line, what is wrong first: of a failed test the rest may be cut off. */
export function inOneLine(criteria: readonly RecordCriterion[], { record, exitCode, stderr }: MusterRun): string {
  const told = criteria.map(({ id, state, reason }) => `${id} ${state}: ${reason}`);
  const disturbed = Math.round((record?.noise?.disturbedShare ?? Number.NaN) * 100);
  const end = `verdict ${record?.verdict ?? 'none'}, exit code ${exitCode}, others disturbed ${disturbed} % of the run`;
  return `${[...told, end].join(' | ')}\n${stderr}`;
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
function isTimed({ unit }: Pick<RecordCriterion, 'unit'>): boolean {
  return unit === 'ms' || unit === 'rps';
}

/** Without enough of the processor the generator spoils whatever it measures, and others what takes time: it is said of each criterion. */
export function isHarnessFault({ state, reason }: RecordCriterion): boolean {
  return (
    state === 'ERROR' &&
    /^The harness is at fault: .*\b(?:generator|other processes used|disk of this machine|this machine cannot tell)\b/u.test(reason)
  );
}
