import type { RecordCriterion } from '../harness/model/record.ts';
import type { CriterionState, Effect, Severity, Verdict } from '../harness/model/state.ts';
import type { Unit } from '../harness/model/threshold.ts';
import { groupDigits, oneLine } from './text.ts';

/** The one place where numbers become words; parsing is `harness/config`'s. */

export const STATE_WORDS: Record<CriterionState, string> = {
  MET: 'met',
  MARGINAL: 'marginal',
  VIOLATED: 'violated',
  INCONCLUSIVE: 'inconclusive',
  INSUFFICIENT: 'insufficient',
  ERROR: 'error',
  NOT_RUN: 'not run',
  NOT_APPLICABLE: 'not applicable',
};

/** A sign beside the colour; every one is in DejaVu. */
export const STATE_SIGNS: Record<CriterionState, string> = {
  MET: '✓',
  MARGINAL: '~',
  VIOLATED: '✗',
  INCONCLUSIVE: '?',
  INSUFFICIENT: '?',
  ERROR: '!',
  NOT_RUN: '-',
  NOT_APPLICABLE: '·',
};

export const VERDICT_WORDS: Record<Verdict, string> = {
  GO: 'GO',
  CONDITIONAL: 'CONDITIONAL',
  NO_GO: 'NO-GO',
  NOT_ASSESSED: 'NOT ASSESSED',
};

export const VERDICT_MEANING: Record<Verdict, string> = {
  GO: 'Every criterion that decides was measured and met.',
  CONDITIONAL: 'Deployable only with the open conditions accepted by their owners.',
  NO_GO: 'Not to be deployed.',
  NOT_ASSESSED: 'Not to be deployed: there is not enough evidence to decide.',
};

export const VERDICT_SIGNS: Record<Verdict, string> = { GO: '✓', CONDITIONAL: '~', NO_GO: '✗', NOT_ASSESSED: '?' };

export const EFFECT_WORDS: Record<Effect, string> = {
  ok: 'none',
  note: 'noted',
  condition: 'is a condition',
  hold: 'holds the decision',
  block: 'blocks',
};

export const SEVERITY_WORDS: Record<Severity, string> = { P0: 'critical', P1: 'high', P2: 'medium', P3: 'low' };

/** Within which time an issue of a severity is to be closed. */
export const SEVERITY_LIMITS: Record<Severity, string> = { P0: '24 h', P1: '3 days', P2: '1 week', P3: 'backlog' };

/** About three significant digits, no exponent, no trailing zeros: 0.0421, 4.25, 42.5, 425, 12,345. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.0005) return value.toExponential(1);
  const digits = size >= 100 || size === 0 ? 0 : Math.min(4, 2 - Math.floor(Math.log10(size)));
  const fixed = value.toFixed(digits);
  return groupDigits(Number(fixed));
}

export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return formatNumber(ms);
  if (Math.abs(ms) < 1000) return `${formatNumber(ms)} ms`;
  if (Math.abs(ms) < 60_000) return `${formatNumber(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** Percentages keep the digits that tell 99.95 from 100: rounding never reaches 0 % or 100 %. */
export function formatPercent(fraction: number): string {
  const percent = fraction * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  const text = percent > 99 && percent < 100 ? String(Math.floor(percent * 1000) / 1000) : formatNumber(percent);
  return `${text} %`;
}

const UNIT_FORMATS: Record<Unit, (value: number) => string> = {
  '%': formatPercent,
  ms: formatDuration,
  s: formatDuration,
  rps: (value) => `${formatNumber(value)} rps`,
  mb: (value) => `${formatNumber(value)} MiB`,
  count: formatNumber,
};

/** `value` in the base unit of `unit` (fraction for %, milliseconds for s). */
export function formatValue(value: number, unit: Unit): string {
  return UNIT_FORMATS[unit](value);
}

/** Attempts that either succeed or do not: shown as `2 of 3`, which says the count already. */
function isTally({ value, unit, samples }: Pick<RecordCriterion, 'value' | 'unit' | 'samples'>): boolean {
  return unit === null && samples > 0 && value !== null && value >= 0 && value <= 1;
}

/** What was measured: `61.2 ms`; `2 of 3` for attempts that either succeed or do not; `-` when there is no value. */
export function formatActual(criterion: Pick<RecordCriterion, 'value' | 'unit' | 'samples'>): string {
  const { value, unit, samples } = criterion;
  if (value === null) return '-';
  if (unit !== null) return formatValue(value, unit);
  return isTally(criterion) ? `${groupDigits(Math.round(value * samples))} of ${groupDigits(samples)}` : formatNumber(value);
}

/** `58–63 ms, n 1,200`, or just the count; empty when nothing was sampled or the value says it already. */
export function formatBasis(criterion: Pick<RecordCriterion, 'value' | 'interval' | 'unit' | 'samples'>): string {
  const { interval, unit, samples } = criterion;
  const count = samples > 0 && !isTally(criterion) ? `n ${groupDigits(samples)}` : '';
  if (interval === null) return count;
  return [formatInterval(interval, unit), count].filter((part) => part !== '').join(', ');
}

export function formatInterval([low, high]: readonly [number, number], unit: Unit | null): string {
  const show = (value: number): string => (unit === null ? formatPercent(value) : formatValue(value, unit));
  const [from, to] = [show(low), show(high)];
  const [fromUnit, toUnit] = [from.split(' ')[1], to.split(' ')[1]];
  return fromUnit !== undefined && fromUnit === toUnit && from.split(' ').length === 2 ? `${from.split(' ')[0]}–${to}` : `${from}–${to}`;
}

/** Where and when the assessed thing comes from, in words. */
export function formatSubject(subject: { readonly version: string | null; readonly commit: string | null }): string {
  const parts = [
    subject.version === null ? '' : `version ${oneLine(subject.version)}`,
    subject.commit === null ? '' : `commit ${oneLine(subject.commit)}`,
  ];
  const known = parts.filter((part) => part !== '');
  return known.length === 0 ? 'version and commit not stated' : known.join(', ');
}

/** `2026-01-31 14:03:22 UTC`; the text itself when it is not a date. */
export function formatInstant(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? oneLine(iso) : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
