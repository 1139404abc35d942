import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Threshold } from './threshold.ts';
import {
  COMPARISONS,
  formatThreshold,
  formatValue,
  fromBaseUnit,
  holds,
  parseThreshold,
  toBaseUnit,
  UNITS,
  unitFits,
} from './threshold.ts';

function parsed(text: string): Threshold {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(result.problem);
  return result.threshold;
}

function problemOf(text: string): string {
  const result = parseThreshold(text);
  return result.ok ? 'no problem' : result.problem;
}

describe('parseThreshold', () => {
  it.each([
    ['< 250ms', '<', 250, 'ms'],
    ['>=95%', '>=', 0.95, '%'],
    ['  <=  1.5 s ', '<=', 1500, 's'],
    ['== 0 count', '==', 0, 'count'],
    ['> 100rps', '>', 100, 'rps'],
    ['< 0.1%', '<', 0.001, '%'],
    ['< .5 mb', '<', 0.5, 'mb'],
  ])('reads %s', (text, op, value, unit) => {
    expect(parsed(text)).toEqual({ op, value, unit, text: text.trim() });
  });

  it('reads what it formats, for every comparison and unit', () => {
    const number = fc.integer({ min: 0, max: 99_999_999 }).map((n) => n / 1000);
    fc.assert(
      fc.property(fc.constantFrom(...COMPARISONS), number, fc.constantFrom(...UNITS), (op, shown, unit) => {
        const text = `${op} ${shown}${unit}`;
        const first = parsed(text);
        expect(fromBaseUnit(first.value, unit)).toBe(shown);
        expect(formatThreshold(first)).toContain(`${op} ${shown}`);
      }),
      { seed: 1 },
    );
  });

  it.each([
    ['250ms', 'it must be a comparison (< <= > >= ==), a number and a unit (% ms s rps mb count), for example "< 250ms" or ">= 95%".'],
    ['', 'it must be a comparison'],
    ['p95 < 250ms', 'it must be a comparison'],
    ['< 1,000ms', '",000ms" is not a unit'],
    ['< 1e3ms', '"e3ms" is not a unit'],
    ['< 250', 'the unit is missing (allowed: % ms s rps mb count). Did you mean "< 250 count"?'],
    ['< 250 MS', '"MS" is not a unit (allowed: % ms s rps mb count). Did you mean "< 250ms"?'],
    ['>= 95 percent', 'Did you mean ">= 95%"?'],
    ['>= 100 req/s', 'Did you mean ">= 100rps"?'],
    ['< 2 GiB', '"GiB" is not a unit (allowed: % ms s rps mb count).'],
    ['≤ 250ms', '"≤" is not a comparison (allowed: < <= > >= ==). Did you mean "<= 250ms"?'],
    ['= 0 count', 'Did you mean "== 0 count"?'],
    ['!= 3 count', '"!=" is not a comparison'],
    ['< -5ms', 'a bound must not be negative.'],
    ['< NaN ms', 'it must be a comparison'],
    ['< Infinity ms', 'it must be a comparison'],
  ])('refuses %s and says why', (text, problem) => {
    expect(problemOf(text)).toContain(`"${text}" is not a threshold: `);
    expect(problemOf(text)).toContain(problem);
  });

  it.each(['<= baseline + 10%', '>= baseline - 5 %', 'baseline', '< BASELINE ± 3%'])(
    'recognises the relative bound %s and refuses it',
    (text) => {
      expect(problemOf(text)).toBe(
        `"${text}" is not a threshold: bounds relative to the baseline are not supported yet; write an absolute bound.`,
      );
    },
  );

  it('never suggests what it would refuse', () => {
    const token = fc.constantFrom(
      '<',
      '=',
      '=>',
      '≥',
      '5',
      '0.5',
      '-1',
      ' ',
      'MS',
      'sec',
      'percent',
      'GB',
      'MiB',
      '%',
      'count',
      'x',
      'baseline',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 5 }), (tokens) => {
        const suggestion = /Did you mean "(.*)"\?/.exec(problemOf(tokens.join('')))?.[1];
        expect(suggestion === undefined || parseThreshold(suggestion).ok).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('holds', () => {
  it.each([
    ['< 250ms', [false, false, true]],
    ['<= 250ms', [false, true, true]],
    ['> 250ms', [true, false, false]],
    ['>= 250ms', [true, true, false]],
    ['== 250ms', [false, true, false]],
  ])('compares exactly: %s at 251, 250 and 249', (text, expected) => {
    expect([251, 250, 249].map((value) => holds(parsed(text), value))).toEqual(expected);
  });

  it.each(COMPARISONS)('holds for no NaN: %s', (op) => {
    expect(holds(parsed(`${op} 0 count`), Number.NaN)).toBe(false);
  });
});

describe('units', () => {
  it('lets seconds judge milliseconds and nothing else judge another dimension', () => {
    const fitting = UNITS.flatMap((a) => UNITS.filter((b) => a !== b && unitFits(a, b)).map((b) => `${a}/${b}`));
    expect(fitting).toEqual(['ms/s', 's/ms']);
    expect(UNITS.filter((unit) => unitFits(unit, null))).toEqual([]);
  });

  it('converts to the base unit without leaving the nearest decimal', () => {
    expect([toBaseUnit(95, '%'), toBaseUnit(0.1, '%'), toBaseUnit(1.1, 's')]).toEqual([0.95, 0.001, 1100]);
  });

  it.each([
    [0.9454321, '%', '94.54 %'],
    [231.04, 'ms', '231 ms'],
    [1234.5, 's', '1.234 s'],
    [1_234_567, 'count', '1234567'],
    [12_345.6, 'ms', '12346 ms'],
    [0, 'count', '0'],
    [0.000123456, '%', '0.01235 %'],
    [-0.05, '%', '-5 %'],
    [512, 'mb', '512 MiB'],
  ] as const)('formats %s in %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});
