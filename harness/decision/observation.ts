import type { Criterion } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import type { Unit } from '../model/threshold.ts';
import { unitFits } from '../model/threshold.ts';
import { directionOf } from './policy.ts';
import { quantileNamedBy } from './statistics/minimum.ts';

/** Attempts, trials, samples or windows: how much was looked at. */
export function sampleCount(observation: Observation): number {
  switch (observation.kind) {
    case 'boolean':
      return observation.attempts.length;
    case 'count':
    case 'ratio':
      return observation.trials;
    case 'quantile':
      return observation.windows.reduce((sum, window) => sum + window.length, 0);
    case 'rate':
      return observation.windows.length;
    default:
      return observation.samples.length;
  }
}

/** Why an observation cannot be evidence for this criterion, in one sentence; null when it can. Always our fault. */
export function observationProblem(criterion: Criterion, observation: Observation): string | null {
  if (observation.kind !== criterion.kind) return `the check declares a ${criterion.kind} and reported a ${observation.kind}`;
  switch (observation.kind) {
    case 'boolean':
      return observation.attempts.every((attempt) => typeof attempt.ok === 'boolean') ? null : 'an attempt is neither true nor false';
    case 'count':
      return countProblem(observation.trials, observation.count);
    case 'ratio':
      return ratioProblem(observation);
    case 'quantile':
      return quantileProblem(criterion, observation);
    case 'rate':
      return valueProblem(criterion, observation.unit, observation.windows);
    case 'level':
      return levelProblem(criterion, observation);
    default:
      return valueProblem(criterion, observation.unit, observation.samples);
  }
}

function countProblem(trials: number, count: number): string | null {
  if (!isWhole(trials) || !isWhole(count)) return `${count} bad events in ${trials} trials are not whole numbers from 0 on`;
  return trials === 0 && count > 0 ? `${count} bad events were reported for 0 trials` : null;
}

function ratioProblem({ successes, trials, windows }: Extract<Observation, { kind: 'ratio' }>): string | null {
  const tallies = [{ successes, trials }, ...(windows ?? [])];
  const wrong = tallies.find((tally) => !isWhole(tally.successes) || !isWhole(tally.trials) || tally.successes > tally.trials);
  if (wrong !== undefined) return `${wrong.successes} successes of ${wrong.trials} trials is not a share`;
  if (windows === undefined || windows.length === 0) return null;
  const sum = windows.reduce((so, window) => ({ successes: so.successes + window.successes, trials: so.trials + window.trials }));
  return sum.successes === successes && sum.trials === trials
    ? null
    : `the windows add up to ${sum.successes} of ${sum.trials}, the total says ${successes} of ${trials}`;
}

function quantileProblem(criterion: Criterion, observation: Extract<Observation, { kind: 'quantile' }>): string | null {
  const { q, unit, windows } = observation;
  if (!(q > 0 && q < 1)) return `the quantile must lie between 0 and 1, it is ${q}`;
  const named = quantileNamedBy(criterion.id);
  if (named !== null && Math.abs(named - q) > 1e-9) return `the id names the ${named} quantile, the measurement is of the ${q} quantile`;
  for (const window of windows) {
    const problem = valueProblem(criterion, unit, window);
    if (problem !== null) return problem;
  }
  return null;
}

function levelProblem(criterion: Criterion, { unit, samples, worst }: Extract<Observation, { kind: 'level' }>): string | null {
  const direction = criterion.pass === null ? 'exact' : directionOf(criterion.pass);
  if (direction === (worst === 'max' ? 'higher' : 'lower')) return `${direction} is better, yet the level is judged at its ${worst}imum`;
  return valueProblem(criterion, unit, samples);
}

/** Shares, memory and counts may be a saving or a growth; a time or a rate below zero is a broken clock. */
const NEVER_NEGATIVE: readonly Unit[] = ['ms', 's', 'rps'];

function valueProblem(criterion: Criterion, unit: Unit, values: readonly number[]): string | null {
  if (!unitFits(unit, criterion.unit)) return `the check declares ${criterion.unit ?? 'no unit'} and reported ${unit}`;
  const isValid = (value: number): boolean => Number.isFinite(value) && (value >= 0 || !NEVER_NEGATIVE.includes(unit));
  const wrong = values.findIndex((value) => !isValid(value));
  return wrong === -1 ? null : `sample ${wrong + 1} of ${values.length} is ${values[wrong]}, not a measurement in ${unit}`;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
