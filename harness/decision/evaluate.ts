import type { Criterion, CriterionResult } from '../model/criterion.ts';
import { messageOf } from '../model/errors.ts';
import type { Absence, Measurement, Observation, Reported } from '../model/measurement.ts';
import type { CriterionState } from '../model/state.ts';
import type { Threshold } from '../model/threshold.ts';
import { holds } from '../model/threshold.ts';
import { effectOf } from './effect.ts';
import type { Estimate, NumericObservation } from './estimate.ts';
import { estimate } from './estimate.ts';
import { observationProblem, sampleCount } from './observation.ts';
import { directionOf, isNoGo, policyProblem, targetOf } from './policy.ts';
import { requiredSamples } from './statistics/minimum.ts';
import { reasonFor, reasonForCount } from './wording.ts';

/**
 * Judges one criterion by its evidence. Pure and total: evidence that cannot be judged (no number, another kind, a bound that
 * does not converge) is ERROR with its reason, never an exception. Both ends of `interval` are one-sided bounds at the
 * criterion's confidence, the very ones the state rests on.
 */
export function evaluate(criterion: Criterion, reported: Reported): CriterionResult {
  if (criterion.notApplicable !== null) return result(criterion, 'NOT_APPLICABLE', { reason: criterion.notApplicable });
  try {
    return 'absence' in reported ? absent(criterion, reported.absence) : measured(criterion, reported.measurement);
  } catch (error) {
    return result(criterion, 'ERROR', { reason: `The evidence could not be judged: ${messageOf(error)}` });
  }
}

type Details = Partial<Omit<CriterionResult, 'id' | 'state' | 'effect' | 'reason'>> & { readonly reason: string };

function result(criterion: Criterion, state: CriterionState, details: Details): CriterionResult {
  const { id, severity } = criterion;
  const nothing = { value: null, interval: null, samples: 0, deff: 1, flaky: false, blockedBy: null };
  return { id, state, effect: effectOf(severity, state), ...nothing, ...details };
}

function absent(criterion: Criterion, { kind, reason, blockedBy }: Absence): CriterionResult {
  return result(criterion, kind === 'error' ? 'ERROR' : 'NOT_RUN', { reason, blockedBy });
}

function measured(criterion: Criterion, measurement: Measurement): CriterionResult {
  const { observation, evidence, harnessFault } = measurement;
  if (measurement.criterion !== criterion.id) {
    return result(criterion, 'ERROR', { reason: `The measurement is of ${measurement.criterion}, not of ${criterion.id}.` });
  }
  const isReal = evidence === 'measured' || evidence === 'inspected';
  if (!isReal && (criterion.severity === 'P0' || criterion.severity === 'P1')) {
    return result(criterion, 'NOT_RUN', {
      reason: `The evidence is ${evidence}; ${criterion.severity} needs a measurement of the target.`,
    });
  }
  const problem = policyProblem(criterion) ?? observationProblem(criterion, observation);
  if (problem !== null) return result(criterion, 'ERROR', { reason: `The evidence cannot be judged: ${problem}.` });
  const samples = sampleCount(observation);
  if (samples === 0) return result(criterion, 'NOT_RUN', { reason: nothingMeasured(harnessFault) });
  if (harnessFault !== null) return result(criterion, 'ERROR', { samples, reason: `The harness is at fault: ${harnessFault}` });
  return observation.kind === 'boolean'
    ? judgeAttempts(criterion, observation.attempts)
    : judgeNumber(criterion, observation, { samples, isCensus: evidence === 'inspected' });
}

function nothingMeasured(harnessFault: string | null): string {
  return harnessFault === null ? 'Nothing was measured.' : `Nothing was measured: ${harnessFault}`;
}

/** `value` is the share of attempts that passed. */
function judgeAttempts(criterion: Criterion, attempts: Extract<Observation, { kind: 'boolean' }>['attempts']): CriterionResult {
  const samples = attempts.length;
  const failures = attempts.filter((attempt) => !attempt.ok);
  const flaky = failures.length > 0 && failures.length < samples;
  const needed = requiredSamples(criterion);
  const found = { samples, value: (samples - failures.length) / samples, flaky };
  const failed = `${failures.length} of ${samples} attempts failed: ${failures[0]?.note ?? ''}`;
  if (failures.length > 0 && (!flaky || criterion.severity === 'P0')) return result(criterion, 'VIOLATED', { ...found, reason: failed });
  if (samples < needed) {
    return result(criterion, 'INSUFFICIENT', { ...found, reason: `${samples} attempts were made, it takes ${needed}.` });
  }
  if (flaky) return result(criterion, 'MARGINAL', { ...found, reason: failed });
  return result(criterion, 'MET', { ...found, reason: samples === 1 ? 'The attempt passed.' : `All ${samples} attempts passed.` });
}

function judgeNumber(
  criterion: Criterion,
  observation: NumericObservation,
  extent: { samples: number; isCensus: boolean },
): CriterionResult {
  const { samples, isCensus } = extent;
  const target = targetOf(criterion);
  const q = observation.kind === 'quantile' ? observation.q : null;
  const needed = requiredSamples(criterion, { q, isCensus });
  const figures = estimate(criterion, observation);
  if (![figures.value, figures.low ?? 0, figures.high ?? 0].every(Number.isFinite)) {
    return result(criterion, 'ERROR', { samples, reason: 'The evidence cannot be judged: its figures are too large to compute with.' });
  }
  const state = stateOf(criterion, target, figures, samples < needed);
  const { value, low, high, deff, isExact } = figures;
  const interval = isExact || low === null || high === null ? null : ([low, high] as const);
  const judged = { state, samples, needed, isCensus };
  const reason = observation.kind === 'count' ? reasonForCount(criterion, observation, judged) : reasonFor(criterion, figures, judged);
  return result(criterion, state, { value, interval, samples, deff, reason });
}

/** The order is the rule: few data may fail, never pass. */
function stateOf(criterion: Criterion, target: Threshold, figures: Estimate, isTooFew: boolean): CriterionState {
  if (isNoGo(criterion, target, figures.value)) return 'VIOLATED';
  if (isTooFew) return 'INSUFFICIENT';
  const bound = directionOf(target) === 'lower' ? figures.high : figures.low;
  if (bound === null) return 'INCONCLUSIVE';
  if (holds(target, bound)) return 'MET';
  return isNoGo(criterion, target, bound) ? 'INCONCLUSIVE' : 'MARGINAL';
}
