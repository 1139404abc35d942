import type { Criterion } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import type { Threshold, Unit } from '../model/threshold.ts';
import { meanEstimate, seriesMeanEstimate } from './statistics/mean.ts';
import { exceedanceDesignEffect, quantileEstimate, quantileUpperBound } from './statistics/order.ts';
import { designEffect, proportionLowerBound, proportionUpperBound } from './statistics/proportion.ts';

/** A point with its two one-sided bounds at the criterion's confidence. Exact kinds have all three equal. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly deff: number;
  readonly isExact: boolean;
  readonly unit: Unit;
  /** What the value is called in a sentence: `p95`, `share`. */
  readonly label: string;
  /** What was counted: `samples`, `trials`. */
  readonly noun: string;
}

export type NumericObservation = Exclude<Observation, { kind: 'boolean' }>;

type Of<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>;

/** Point and bounds of an observation that holds at least one sample. */
export function estimate(criterion: Criterion, observation: NumericObservation): Estimate {
  const { confidence } = criterion;
  switch (observation.kind) {
    case 'count':
      return exact(observation.count, { unit: 'count', label: 'count', noun: 'trials' });
    case 'ratio':
      return share(observation, confidence);
    case 'level':
      return level(observation, { unit: criterion.unit ?? observation.unit, target: criterion.pass });
    case 'quantile':
      return quantile(observation, criterion);
    case 'mean':
      return { ...meanEstimate(observation.samples, confidence), ...namesOf(criterion, observation), label: 'mean', noun: 'samples' };
    default:
      return { ...seriesMeanEstimate(observation.windows, confidence), ...namesOf(criterion, observation), label: 'rate', noun: 'windows' };
  }
}

function namesOf({ unit }: Criterion, observation: Of<'quantile' | 'mean' | 'rate'>): Pick<Estimate, 'isExact' | 'unit'> {
  return { isExact: false, unit: unit ?? observation.unit };
}

function level({ samples, worst }: Of<'level'>, { unit, target }: { readonly unit: Unit; readonly target: Threshold | null }): Estimate {
  const highest = samples.reduce((a, b) => Math.max(a, b));
  const lowest = samples.reduce((a, b) => Math.min(a, b));
  // Where a level must equal the target, the reading furthest from it is the worst, on whichever side it lies.
  const isExactTarget = target?.op === '==' && highest !== lowest;
  const isHighest = isExactTarget ? highest - target.value >= target.value - lowest : worst === 'max';
  return exact(isHighest ? highest : lowest, { unit, label: isHighest ? 'highest' : 'lowest', noun: 'readings' });
}

function share({ successes, trials, windows }: Of<'ratio'>, confidence: number): Estimate {
  const deff = designEffect(windows ?? []) ?? 1;
  const tally = { successes, trials };
  const low = proportionLowerBound(tally, confidence, deff);
  const high = proportionUpperBound(tally, confidence, deff);
  return { value: successes / trials, low, high, deff, isExact: false, unit: '%', label: 'share', noun: 'trials' };
}

/**
 * The upper bound, which decides, takes the bursts beyond each value it looks at; the lower one, which is for display,
 * those around the quantile. `deff` is the largest at what it was judged by: that bound (or the largest sample where there
 * is none) and the criterion's own.
 */
function quantile(observation: Of<'quantile'>, criterion: Criterion): Estimate {
  const { q, windows } = observation;
  const { confidence, pass, nogo } = criterion;
  const sorted = Float64Array.from(windows.flat()).toSorted();
  const deffAbove = (limit: number): number => exceedanceDesignEffect(windows, limit) ?? 1;
  const { value } = quantileEstimate(sorted, q, confidence);
  const { low } = quantileEstimate(sorted, q, confidence, deffAbove(value));
  const high = quantileUpperBound(sorted, { q, confidence }, deffAbove);
  const levels = [high ?? sorted.at(-1) ?? value, ...[pass, nogo].flatMap((limit) => (limit === null ? [] : [limit.value]))];
  const deff = Math.max(1, ...levels.map(deffAbove));
  return { value, low, high, deff, ...namesOf(criterion, observation), label: `p${Number((q * 100).toPrecision(6))}`, noun: 'samples' };
}

function exact(value: number, names: { readonly unit: Unit; readonly label: string; readonly noun: string }): Estimate {
  return { value, low: value, high: value, deff: 1, isExact: true, ...names };
}
