import type { Criterion } from '../model/criterion.ts';
import type { Threshold, Unit } from '../model/threshold.ts';
import { formatThreshold, holds, unitFits } from '../model/threshold.ts';

export type Direction = 'lower' | 'higher' | 'exact';

/** Which way a value must go to be better under this bound. */
export function directionOf({ op }: Threshold): Direction {
  if (op === '==') return 'exact';
  return op === '<' || op === '<=' ? 'lower' : 'higher';
}

/** Kinds whose bound is a confidence bound; the others are judged exactly. */
export function isStatistical(kind: Criterion['kind']): boolean {
  return kind === 'ratio' || kind === 'quantile' || kind === 'mean' || kind === 'rate';
}

/** Bad events are not tolerated at all unless the criterion says how many are. */
const NONE_TOLERATED: Threshold = { op: '==', value: 0, unit: 'count', text: 'none' };

/** No value reaches it: what a criterion without a target asks for (`policyProblem` says so before). */
const UNREACHABLE: Threshold = { op: '==', value: Number.NaN, unit: 'count', text: 'no target' };

/** The target a value must reach. */
export function targetOf({ kind, pass }: Criterion): Threshold {
  return pass ?? (kind === 'count' ? NONE_TOLERATED : UNREACHABLE);
}

/** Whether a value is beyond the no-go bound K; without one, K is the target itself. */
export function isNoGo(criterion: Criterion, target: Threshold, value: number): boolean {
  return criterion.nogo === null ? !holds(target, value) : holds(criterion.nogo, value);
}

/** Why a criterion cannot be judged by anyone, in one sentence; null when it is well formed. */
export function policyProblem(criterion: Criterion): string | null {
  const { confidence, minSamples, kind, weight } = criterion;
  if (!(confidence > 0.5 && confidence < 1)) return `confidence must lie between 50 % and 100 %, it is ${confidence * 100} %`;
  if (minSamples !== 'auto' && !(Number.isInteger(minSamples) && minSamples >= 1)) {
    return `minSamples must be a whole number from 1 on or auto, it is ${minSamples}`;
  }
  if (!(Number.isFinite(weight) && weight >= 0)) return `weight must be a number from 0 on, it is ${weight}`;
  return kind === 'boolean' ? booleanProblem(criterion) : (boundProblem(criterion) ?? nogoProblem(criterion));
}

function booleanProblem({ pass, nogo }: Criterion): string | null {
  return pass === null && nogo === null ? null : 'a boolean check passes when all attempts pass: it takes neither pass nor nogo';
}

function boundProblem(criterion: Criterion): string | null {
  const { kind, pass, nogo } = criterion;
  const target = targetOf(criterion);
  const valueUnit = valueUnitOf(criterion);
  if (pass === null && kind !== 'count') return `a ${kind} needs a pass target`;
  if (kind === 'count' && directionOf(target) === 'higher') return `"${target.text}" asks for bad events: a count takes an upper bound`;
  if (isStatistical(kind) && target.op === '==') return `a ${kind} cannot be proven equal to ${target.text}: write <= or >=`;
  for (const bound of [target, nogo]) {
    if (bound === null) continue;
    if (!Number.isFinite(bound.value)) return `the bound "${bound.text}" is not a number`;
    if (!unitFits(bound.unit, valueUnit)) return `"${bound.text}" is in ${bound.unit}, the check measures ${valueUnit ?? 'no unit'}`;
  }
  return null;
}

function valueUnitOf({ kind, unit }: Criterion): Unit | null {
  if (kind === 'count') return 'count';
  return kind === 'ratio' ? '%' : unit;
}

function nogoProblem(criterion: Criterion): string | null {
  const { nogo } = criterion;
  const target = targetOf(criterion);
  if (nogo === null) return null;
  const wanted = directionOf(target);
  if (wanted !== 'exact' && directionOf(nogo) === wanted) {
    return `nogo "${nogo.text}" points the same way as pass "${target.text}": it must say which values block`;
  }
  return overlaps(target, nogo) ? `nogo "${nogo.text}" is stricter than pass "${formatThreshold(target)}": a value could be both` : null;
}

/** Whether some value satisfies both bounds, which look in opposite directions or name one value. */
function overlaps(pass: Threshold, nogo: Threshold): boolean {
  if (pass.op === '==') return holds(nogo, pass.value);
  if (pass.value === nogo.value) return holds(pass, pass.value) && holds(nogo, nogo.value);
  return directionOf(pass) === 'lower' ? nogo.value < pass.value : nogo.value > pass.value;
}
