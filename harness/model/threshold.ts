/** Units a threshold or a measurement may carry. `%` values are stored as fractions of 1 (95 % is 0.95). */
export const UNITS = ['%', 'ms', 's', 'rps', 'mb', 'count'] as const;
export type Unit = (typeof UNITS)[number];

export const COMPARISONS = ['<', '<=', '>', '>=', '=='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/**
 * A parsed bound. `value` is in the base unit of `unit`: milliseconds for `ms` and `s`, a fraction for `%`,
 * per second for `rps`, mebibytes for `mb`, a plain number for `count`.
 */
export interface Threshold {
  readonly op: Comparison;
  readonly value: number;
  readonly unit: Unit;
  /** As written by the author, for messages and reports: `< 250ms`. */
  readonly text: string;
}

/** `problem` is a full sentence that names the text, what is wrong with it and what is allowed. */
export type ParsedThreshold = { readonly ok: true; readonly threshold: Threshold } | { readonly ok: false; readonly problem: string };

const BASE_PER_UNIT: Record<Unit, number> = { '%': 0.01, ms: 1, s: 1000, rps: 1, mb: 1, count: 1 };
/** Units of one dimension share a base: a limit in `s` fits a measurement in `ms`. */
const BASE_UNIT: Record<Unit, Unit> = { '%': '%', ms: 'ms', s: 'ms', rps: 'rps', mb: 'mb', count: 'count' };
const UNIT_LABEL: Record<Unit, string> = { '%': ' %', ms: ' ms', s: ' s', rps: ' rps', mb: ' MiB', count: '' };

const HOLDS: Record<Comparison, (value: number, limit: number) => boolean> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '==': (value, limit) => value === limit,
};

const OP_MEANT: Readonly<Record<string, Comparison>> = { '=': '==', '===': '==', '=<': '<=', '=>': '>=', '≤': '<=', '≥': '>=' };
const UNIT_MEANT: readonly (readonly [RegExp, Unit])[] = [
  [/^(percent|pct|prozent)$/, '%'],
  [/^(msecs?|millis|milliseconds?)$/, 'ms'],
  [/^(secs?|seconds?)$/, 's'],
  [/^(req\/s|reqs\/s|r\/s|\/s|qps|tps|per ?second)$/, 'rps'],
  [/^(m|mib|mbytes?|megabytes?)$/, 'mb'],
  [/^(counts|x|times|n)$/, 'count'],
];

const ALLOWED = `a comparison (${COMPARISONS.join(' ')}), a number and a unit (${UNITS.join(' ')}), for example "< 250ms" or ">= 95%"`;
const SHAPE = /^\s*([^\d\s.a-z+-]+)\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(.*?)\s*$/i;
const BASELINE = /^\s*(?:<=?|>=?|==)?\s*baseline\b/i;

/**
 * Reads `op number unit`. A bare `%` is always absolute. Relative bounds (`op baseline ± n%`) are recognised and refused:
 * they are not supported yet, and must not be taken for something else.
 */
export function parseThreshold(text: string): ParsedThreshold {
  if (BASELINE.test(text)) return refuse(text, 'bounds relative to the baseline are not supported yet; write an absolute bound');
  const parts = split(text);
  if (parts === null) return refuse(text, `it must be ${ALLOWED}`);
  const { opText, numberText, unitText } = parts;
  const value = Number(numberText);
  if (value < 0) return refuse(text, 'a bound must not be negative');
  const op = COMPARISONS.find((known) => known === opText);
  const unit = UNITS.find((known) => known === unitText);
  if (op !== undefined && unit !== undefined) {
    return { ok: true, threshold: { op, value: toBaseUnit(value, unit), unit, text: text.trim() } };
  }
  const meant = { op: op ?? OP_MEANT[opText], numberText, unit: unit ?? unitMeantBy(unitText) };
  if (op === undefined) return refuse(text, `"${opText}" is not a comparison (allowed: ${COMPARISONS.join(' ')})`, meant);
  const what = unitText === '' ? 'the unit is missing' : `"${unitText}" is not a unit`;
  return refuse(text, `${what} (allowed: ${UNITS.join(' ')})`, meant);
}

function split(text: string): { readonly opText: string; readonly numberText: string; readonly unitText: string } | null {
  const [, opText, numberText, unitText] = SHAPE.exec(text) ?? [];
  return opText === undefined || numberText === undefined || unitText === undefined ? null : { opText, numberText, unitText };
}

interface Meant {
  readonly op: Comparison | undefined;
  readonly numberText: string;
  readonly unit: Unit | undefined;
}

function refuse(text: string, what: string, meant?: Meant): ParsedThreshold {
  const isGuess = meant?.op !== undefined && meant.unit !== undefined;
  const guess = isGuess ? ` Did you mean "${meant.op} ${meant.numberText}${meant.unit === 'count' ? ' ' : ''}${meant.unit}"?` : '';
  return { ok: false, problem: `"${text}" is not a threshold: ${what}.${guess}` };
}

function unitMeantBy(unitText: string): Unit | undefined {
  if (unitText === '') return 'count';
  const lower = unitText.toLowerCase();
  return UNITS.find((known) => known === lower) ?? UNIT_MEANT.find(([pattern]) => pattern.test(lower))?.[1];
}

/** 95 `%` is 0.95, 2 `s` is 2000. Rounded to 12 significant digits, so that 0.1 % is 0.001 and not a neighbour of it. */
export function toBaseUnit(value: number, unit: Unit): number {
  return Number((value * BASE_PER_UNIT[unit]).toPrecision(12));
}

/** 0.95 is 95 `%`, 2000 is 2 `s`. */
export function fromBaseUnit(value: number, unit: Unit): number {
  return Number((value / BASE_PER_UNIT[unit]).toPrecision(12));
}

/** Whether a bound in `unit` can judge a value in `valueUnit`; null (boolean checks) fits nothing. */
export function unitFits(unit: Unit, valueUnit: Unit | null): boolean {
  return valueUnit !== null && BASE_UNIT[unit] === BASE_UNIT[valueUnit];
}

/** Exact comparison: `< 250ms` does not hold at 250 ms. NaN holds nowhere. */
export function holds(threshold: Threshold, value: number): boolean {
  return HOLDS[threshold.op](value, threshold.value);
}

/**
 * A value in base units as text in `unit`: `94.54 %`, `231 ms`, `1050 rps`. Numbers from 1000 on are rounded to integers.
 * @param digits significant digits, 4 unless told.
 */
export function formatValue(value: number, unit: Unit, digits = 4): string {
  return formatNumber(value, unit, digits) + UNIT_LABEL[unit];
}

/** As `formatValue`, without the unit. */
export function formatNumber(value: number, unit: Unit, digits = 4): string {
  const shown = fromBaseUnit(value, unit);
  const integerDigits = Math.abs(shown) >= 1 ? Math.floor(Math.log10(Math.abs(shown))) + 1 : 1;
  return String(Number(shown.toPrecision(Math.min(100, Math.max(digits, integerDigits)))));
}

/** In one spelling, however the author wrote it: `< 250 ms`. */
export function formatThreshold(threshold: Threshold): string {
  return `${threshold.op} ${formatValue(threshold.value, threshold.unit, 10)}`;
}
