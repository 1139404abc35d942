import { describe, expect, it } from 'vitest';
import { figure, median, spread, table } from './result.ts';

describe('median', () => {
  it.each([
    { values: [3, 1, 2], expected: 2 },
    { values: [4, 1, 2, 3], expected: 2.5 },
    { values: [], expected: null },
  ])('of $values is $expected', ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });
});

describe('table', () => {
  it('lines the figures up and shows what could not be measured', () => {
    const figures = [figure('lateness p99', 1.236, 'ms', spread([1, 2.5])), figure('wrk', null, 'rps', 'wrk is not installed')];
    expect(table('Pacer', figures).split('\n')).toEqual([
      'Pacer',
      '  lateness p99  1.24 ms   1.00–2.50 of 2',
      '  wrk              — rps  wrk is not installed',
      '',
    ]);
  });
});
