import type { Criterion } from '../model/criterion.ts';
import type { Reported } from '../model/measurement.ts';
import { NEVER_REPORTED } from './aggregate.ts';
import { compareEffects } from './effect.ts';
import { evaluate } from './evaluate.ts';

/** Reports by criterion id, or one after another (then a check may have reported more than once). */
export type Reports = ReadonlyMap<string, Reported> | Iterable<Reported>;

/**
 * Compares what was planned with what was reported: exactly one report for every criterion. What is missing is an absence; of
 * several reports for one check the one with the worst effect counts. Undeclared reports are left to `undeclaredIds`.
 */
export function reconcile(criteria: readonly Criterion[], reports: Reports): ReadonlyMap<string, Reported> {
  const byId = groupById(reports);
  return new Map(criteria.map((criterion) => [criterion.id, worstOf(criterion, byId.get(criterion.id) ?? [])]));
}

/** Ids that were reported without being declared, sorted: an error of the suite that did, to be handed to `aggregate`. */
export function undeclaredIds(criteria: readonly Criterion[], reports: Reports): readonly string[] {
  const declared = new Set(criteria.map(({ id }) => id));
  return [...groupById(reports).keys()].filter((id) => !declared.has(id)).toSorted();
}

function groupById(reports: Reports): ReadonlyMap<string, readonly Reported[]> {
  const byId = new Map<string, Reported[]>();
  for (const report of valuesOf(reports)) {
    const id = 'absence' in report ? report.absence.criterion : report.measurement.criterion;
    byId.set(id, [...(byId.get(id) ?? []), report]);
  }
  return byId;
}

function valuesOf(reports: Reports): Iterable<Reported> {
  return reports instanceof Map ? (reports as ReadonlyMap<string, Reported>).values() : (reports as Iterable<Reported>);
}

function worstOf(criterion: Criterion, reports: readonly Reported[]): Reported {
  const [first, ...others] = reports;
  if (first === undefined) {
    return { absence: { criterion: criterion.id, reason: NEVER_REPORTED, blockedBy: null, kind: 'not-run' } };
  }
  const effect = (report: Reported): ReturnType<typeof evaluate>['effect'] => evaluate(criterion, report).effect;
  return others.reduce((worst, report) => (compareEffects(effect(report), effect(worst)) > 0 ? report : worst), first);
}
