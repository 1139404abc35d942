import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Severity, Verdict } from '../model/state.ts';
import { formatThreshold } from '../model/threshold.ts';
import { orderForReport } from './blocked.ts';
import { isUnknown } from './effect.ts';
import type { Judged } from './score.ts';

/** By when a violated criterion has to be fixed. */
const FIX_WITHIN: Record<Severity, string> = { P0: '24 h', P1: '3 days', P2: '1 week', P3: 'the backlog' };

/** What to do next for this verdict, in order, worst first. One sentence each; commands are complete. */
export function planFor(verdict: Verdict, results: readonly CriterionResult[], criteria: readonly Criterion[]): readonly string[] {
  const byId = new Map(criteria.map((criterion) => [criterion.id, criterion]));
  const open = orderForReport(results).flatMap((result): readonly Judged[] => {
    const criterion = byId.get(result.id);
    return criterion === undefined || result.effect === 'ok' ? [] : [{ criterion, result }];
  });
  switch (verdict) {
    case 'GO':
      return [...rollout(['staging for 2 h', '10 % of the traffic for 24 h', '100 %']), ...open.map(note)];
    case 'CONDITIONAL':
      return conditional(open);
    case 'NO_GO':
      return [...open.filter(isViolated).map(fix), ...open.filter(isOwnUnknown).map(assess), retest(open)];
    default:
      return criteria.length === 0
        ? ['Declare at least one criterion: nothing was assessed.']
        : [...open.filter(isOwnUnknown).map(assess), ...open.filter(isViolated).map(fix), retest(open)];
  }
}

function rollout(stages: readonly string[]): readonly string[] {
  return stages.map((stage, i) => `Stage ${i + 1}: ${stage}; go on only while every criterion stays within its bounds.`);
}

function conditional(open: readonly Judged[]): readonly string[] {
  const monitors = open.filter(({ result }) => result.effect === 'condition').map(monitor);
  return [
    'Ship behind a flag that is off by default; internal use only for 48 h.',
    ...monitors,
    ...rollout(['10 % of the traffic for 24 h', '100 %']),
  ];
}

function isViolated({ result }: Judged): boolean {
  return result.state === 'VIOLATED';
}

/** Unknown by itself: what an earlier failure blocked gets its answer when that failure is fixed. */
function isOwnUnknown({ result }: Judged): boolean {
  return isUnknown(result.state) && result.blockedBy === null;
}

function fix({ criterion }: Judged): string {
  const due = criterion.severity === 'P3' ? 'with the backlog' : `within ${FIX_WITHIN[criterion.severity]}`;
  return sentence(`Fix ${criterion.id} ${due} (${criterion.severity}, owner ${criterion.owner})`, criterion.hint);
}

function assess({ criterion, result }: Judged): string {
  return sentence(`Find out ${criterion.id} (${criterion.severity} ${result.state}, owner ${criterion.owner})`, result.reason);
}

function note({ criterion, result }: Judged): string {
  return sentence(`Keep in mind ${criterion.id} (${criterion.severity} ${result.state}, owner ${criterion.owner})`, result.reason);
}

function monitor({ criterion, result }: Judged): string {
  const limit = criterion.nogo ?? criterion.pass;
  const trigger =
    limit === null
      ? 'it fails once more'
      : criterion.nogo === null
        ? `it misses ${formatThreshold(limit)}`
        : `it is ${formatThreshold(limit)}`;
  return sentence(
    `Monitor ${criterion.id} (${criterion.severity} ${result.state}, owner ${criterion.owner}); roll back when ${trigger}`,
    criterion.hint,
  );
}

function retest(open: readonly Judged[]): string {
  const suites = [...new Set(open.map(({ criterion }) => criterion.suite))];
  return `Then assess again: muster validate${suites.length === 0 ? '' : ` --suite ${suites.join(',')}`}, and the whole with muster validate.`;
}

function sentence(head: string, tail: string): string {
  return tail === '' ? `${head}.` : `${head}: ${/[.!?]$/.test(tail) ? tail : `${tail}.`}`;
}
