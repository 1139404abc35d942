import type { Criterion } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import type { CriterionState } from '../model/state.ts';
import type { Unit } from '../model/threshold.ts';
import { formatNumber, formatThreshold, formatValue } from '../model/threshold.ts';
import type { Estimate } from './estimate.ts';
import { zeroCountUpperBound } from './statistics/proportion.ts';

interface Judged {
  readonly state: CriterionState;
  readonly samples: number;
  readonly needed: number;
  /** Everything there is was looked at. */
  readonly isCensus: boolean;
}

/** One sentence with figures: why a numeric criterion got this state. */
export function reasonFor({ pass, nogo }: Criterion, figures: Estimate, { state, samples, needed }: Judged): string {
  const seen = describe(figures, samples, [pass?.value, nogo?.value]);
  const target = pass === null ? 'a target' : formatThreshold(pass);
  if (state === 'MET') return `${seen} reaches ${target}.`;
  if (state === 'INSUFFICIENT') return `${seen}: it takes at least ${needed} ${figures.noun} to show ${target}.`;
  if (nogo === null) return `${seen} ${state === 'VIOLATED' ? 'misses' : 'does not prove'} ${target}.`;
  const range = formatThreshold(nogo);
  if (state === 'VIOLATED') return `${seen} is in the no-go range ${range}.`;
  return state === 'MARGINAL'
    ? `${seen} does not ${figures.isExact ? 'reach' : 'prove'} ${target}, but stays out of the no-go range ${range}.`
    : `${seen} proves neither ${target} nor that it stays out of ${range}.`;
}

/** As `reasonFor`, for counted bad events: with the first example, or with what a zero still allows. */
export function reasonForCount(
  { pass, nogo, confidence }: Criterion,
  { count, trials, examples }: Extract<Observation, { kind: 'count' }>,
  { state, needed, isCensus }: Judged,
): string {
  const seen = `${count === 0 ? 'no' : count} bad event${count === 1 ? '' : 's'} in ${trials} trials`;
  if (state === 'INSUFFICIENT') return `${seen}: it takes at least ${needed} trials to show that.`;
  if (count > 0) {
    const allowed = `allowed: ${pass === null ? 'none' : formatThreshold(pass)}`;
    const limit = nogo === null ? allowed : `${allowed}, no-go: ${formatThreshold(nogo)}`;
    return `${seen} (${limit})${examples.length === 0 ? '.' : `, for example: ${examples.slice(0, 3).join('; ')}`}`;
  }
  const bound = formatValue(zeroCountUpperBound(trials, confidence), '%', 2);
  return isCensus ? `${seen}, all there are.` : `${seen}; with ${formatValue(confidence, '%')} confidence at most ${bound} are bad.`;
}

function describe(
  { value, low, high, deff, isExact, unit, label, noun }: Estimate,
  samples: number,
  limits: readonly (number | undefined)[],
): string {
  const digitsOf = (figure: number): number => distinguishingDigits(figure, limits, unit);
  const bounds =
    low === null || high === null ? '[no bound]' : `[${[low, high].map((x) => formatNumber(x, unit, digitsOf(x))).join(', ')}]`;
  const correction = deff > 1.05 ? ` (bursts: worth ${Math.floor(samples / deff)})` : '';
  return `${label} ${formatValue(value, unit, digitsOf(value))}${isExact ? '' : ` ${bounds}`} over ${samples} ${noun}${correction}`;
}

/** Enough digits that a figure does not look equal to a limit it differs from: 249.96 against 250. */
function distinguishingDigits(figure: number, limits: readonly (number | undefined)[], unit: Unit): number {
  const looksEqual = (digits: number): boolean =>
    limits.some(
      (limit) => limit !== undefined && limit !== figure && formatNumber(limit, unit, digits) === formatNumber(figure, unit, digits),
    );
  let digits = 4;
  while (digits < 12 && looksEqual(digits)) digits += 1;
  return digits;
}
