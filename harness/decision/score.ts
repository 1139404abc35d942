import type { Criterion, CriterionResult } from '../model/criterion.ts';
import { isUnknown } from './effect.ts';

/** How much is shown to be good, as an interval: unknown counts as 0 in `low` and as 1 in `high`. Never decides anything. */
export interface Score {
  readonly low: number;
  readonly high: number;
  /** Share of the weight whose state is known. `low` = `high` exactly when it is 1. */
  readonly coverage: number;
  readonly formula: string;
}

export interface Judged {
  readonly criterion: Criterion;
  readonly result: CriterionResult;
}

export function scoreOf(judged: readonly Judged[]): Score {
  const rows = judged
    .filter(({ result }) => result.state !== 'NOT_APPLICABLE')
    // Floating-point sums depend on the order: one order, whatever order the criteria came in.
    .map(({ criterion, result }) => ({ weight: usableWeight(criterion.weight), state: result.state, id: criterion.id }))
    .toSorted((a, b) => a.id.localeCompare(b.id));
  const sum = (weightOf: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + weightOf(row), 0);
  const unknown = sum((row) => (isUnknown(row.state) ? row.weight : 0));
  const known = sum((row) => (isUnknown(row.state) ? 0 : row.weight));
  const credit = sum((row) => (row.state === 'MET' ? row.weight : row.state === 'MARGINAL' ? row.weight / 2 : 0));
  const total = known + unknown;
  if (total === 0) return { low: 0, high: 1, coverage: 0, formula: 'no weight was assessed: anything between 0 % and 100 %' };
  return {
    low: credit / total,
    high: (credit + unknown) / total,
    coverage: known / total,
    formula:
      `sum of weight x credit / sum of weight (MET 1, MARGINAL 1/2, VIOLATED 0; unknown 0 in low, 1 in high) ` +
      `= ${figure(credit)} to ${figure(credit + unknown)} of ${figure(total)}`,
  };
}

function usableWeight(weight: number): number {
  return Number.isFinite(weight) ? Math.max(0, weight) : 0;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}
