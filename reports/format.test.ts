import { describe, expect, it } from 'vitest';
import {
  formatActual,
  formatBasis,
  formatDuration,
  formatInstant,
  formatInterval,
  formatNumber,
  formatPercent,
  formatSubject,
  formatValue,
} from './format.ts';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [0.00001234, '1.2e-5'],
    [0.04213, '0.0421'],
    [1, '1'],
    [4.2549, '4.25'],
    [42.549, '42.5'],
    [425.49, '425'],
    [12345.6, '12,346'],
    [-61.24, '-61.2'],
    [Infinity, '∞'],
    [NaN, 'not a number'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [0.42, '0.42 ms'],
    [61.24, '61.2 ms'],
    [999, '999 ms'],
    [28_400, '28.4 s'],
    [96_412, '1 min 36 s'],
    [119_600, '2 min 0 s'],
    [7_260_000, '2 h 1 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatPercent', () => {
  it.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.784, '78.4 %'],
    [0.9994, '99.94 %'],
    [0.999999, '99.999 %'],
    [0.00062, '0.062 %'],
  ])('%d is %s', (fraction, text) => {
    expect(formatPercent(fraction)).toBe(text);
  });
});

describe('formatValue', () => {
  it('takes the base unit: milliseconds for s, fractions for %, mebibytes for mb', () => {
    expect([formatValue(5000, 's'), formatValue(0.5, '%'), formatValue(512, 'mb'), formatValue(118.4, 'rps')]).toEqual([
      '5 s',
      '50 %',
      '512 MiB',
      '118 rps',
    ]);
  });
});

describe('formatActual and formatBasis', () => {
  it('shows attempts as a tally that says the count already', () => {
    const attempts = { value: 2 / 3, unit: null, samples: 3, interval: null };
    expect([formatActual(attempts), formatBasis(attempts)]).toEqual(['2 of 3', '']);
  });

  it('shows interval and count of a measured value', () => {
    const measured = { value: 61.2, unit: 'ms' as const, samples: 1200, interval: [58.1, 63.4] as const };
    expect([formatActual(measured), formatBasis(measured)]).toEqual(['61.2 ms', '58.1–63.4 ms, n 1,200']);
  });

  it('shows a dash and nothing when nothing was measured', () => {
    const nothing = { value: null, unit: 'ms' as const, samples: 0, interval: null };
    expect([formatActual(nothing), formatBasis(nothing)]).toEqual(['-', '']);
  });
});

describe('formatInterval', () => {
  it('names a shared unit once and different units twice', () => {
    expect(formatInterval([58, 63], 'ms')).toBe('58–63 ms');
    expect(formatInterval([800, 1200], 'ms')).toBe('800 ms–1.2 s');
    expect(formatInterval([0, 3], 'count')).toBe('0–3');
  });
});

describe('formatSubject and formatInstant', () => {
  it('says what is not stated', () => {
    expect(formatSubject({ version: null, commit: null })).toBe('version and commit not stated');
    expect(formatSubject({ version: '2.4.0', commit: 'abc' })).toBe('version 2.4.0, commit abc');
  });

  it('shows UTC to the second, and the text itself when it is not a date', () => {
    expect(formatInstant('2026-01-31T14:03:22.481Z')).toBe('2026-01-31 14:03:22 UTC');
    expect(formatInstant('yesterday')).toBe('yesterday');
  });
});
