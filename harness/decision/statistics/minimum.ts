import type { Criterion } from '../../model/criterion.ts';
import type { Threshold } from '../../model/threshold.ts';

/** Fewest windows (or 5 runs) from which a rate has an interval worth the name. */
const RATE_WINDOWS = 20;
const RATE_RUNS = 5;
const MEAN_SAMPLES = 200;

/**
 * Fewest samples of a quantile with which a perfect series proves an upper (`<`) or lower (`>`) bound:
 * q^n ≤ α, or (1 − q)^n ≤ α. p50 5, p90 29, p95 59, p99 299, p99.9 2995 at 95 %.
 */
export function minSamplesForQuantile(q: number, confidence: number, isUpper: boolean): number {
  return fewestWithPower(isUpper ? q : 1 - q, confidence, false);
}

/** Fewest trials with which a perfect series proves a proportion: T^n ≤ α. Infinity when nothing can (100 %). */
export function minTrialsForProportion(target: Threshold, confidence: number): number {
  const isLower = target.op === '<' || target.op === '<=';
  const isStrict = target.op === '<' || target.op === '>';
  return fewestWithPower(isLower ? 1 - target.value : target.value, confidence, isStrict);
}

/** Smallest n with base^n ≤ α; for a strict bound base^n < α. */
function fewestWithPower(base: number, confidence: number, isStrict: boolean): number {
  if (base >= 1) return Number.POSITIVE_INFINITY;
  const exact = Math.log(1 - confidence) / Math.log(Math.max(0, base));
  return isStrict ? Math.floor(exact) + 1 : Math.max(1, Math.ceil(exact));
}

/** Fewest windows, runs or samples below which a kind has no usable interval, whatever the criterion says. */
const FLOOR: Record<Criterion['kind'], number> = { boolean: 1, count: 1, ratio: 1, quantile: 1, mean: 2, rate: RATE_RUNS, level: 1 };

interface Extent {
  /** The quantile, for that kind; null takes p99, the more demanding of the usual ones. */
  readonly q?: number | null;
  /** Everything there is was looked at (a catalogue, a configuration), so nothing is extrapolated. */
  readonly isCensus?: boolean;
}

const AUTO: Record<Criterion['kind'], (criterion: Criterion, extent: Extent) => number> = {
  boolean: () => 1,
  // As many as show that bad events are rarer than 1 − confidence: 59 at 95 %.
  count: ({ confidence }, { isCensus = false }) => (isCensus ? 1 : minSamplesForQuantile(confidence, confidence, true)),
  ratio: ({ pass, confidence }) => (pass === null ? Number.POSITIVE_INFINITY : minTrialsForProportion(pass, confidence)),
  quantile: ({ pass, confidence }, { q }) => minSamplesForQuantile(q ?? 0.99, confidence, pass?.op === '<' || pass?.op === '<='),
  mean: () => MEAN_SAMPLES,
  rate: () => RATE_WINDOWS,
  level: () => 1,
};

/** Samples a criterion needs before it can be MET: as written, or derived for `auto`. */
export function requiredSamples(criterion: Criterion, extent: Extent = {}): number {
  const { minSamples, kind } = criterion;
  return Math.max(FLOOR[kind], minSamples === 'auto' ? AUTO[kind](criterion, extent) : minSamples);
}

/** The quantile a criterion's id names (`…_p95`, `….p99`, `…_p999`); null when it names none. */
export function quantileNamedBy(id: string): number | null {
  const digits = /(?:^|[._-])p(\d{2,4})(?=$|[._-])/.exec(id)?.[1];
  return digits === undefined ? null : Number(`0.${digits}`);
}
