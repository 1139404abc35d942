import { describe, expect, it } from 'vitest';
import type { Criterion } from '../model/criterion.ts';
import { bound, criterion } from './fixtures.ts';
import { lintCriteria } from './lint.ts';

function lint(...criteria: readonly Criterion[]): readonly string[] {
  return lintCriteria(criteria).map(({ level, criterion: id, text }) => `${level} ${id}: ${text}`);
}

const share = { id: 'x', kind: 'ratio', unit: '%', pass: '>= 95%' } as const;
const fast = { id: 'x_p95', kind: 'quantile', unit: 'ms', pass: '< 250ms' } as const;

describe('lintCriteria', () => {
  it('finds nothing in the usual criteria', () => {
    const usual = [
      criterion({ id: 'a' }),
      criterion({ id: 'b', kind: 'count', unit: 'count' }),
      criterion({ ...share, nogo: '< 90%' }),
      criterion({ ...share, id: 'y', nogo: '< 95%' }),
      criterion({ id: 'n', kind: 'level', unit: 'count', pass: '> 0 count', nogo: '== 0 count', minSamples: 3 }),
      criterion({ ...fast, nogo: '>= 0.5s' }),
      criterion({ ...fast, id: 'x_p50', pass: '< 100ms' }),
      criterion({ ...fast, id: 'x_p99', pass: '< 400ms' }),
      criterion({ id: 'z', kind: 'rate', unit: 'rps', pass: '>= 100rps', dependsOn: ['a'] }),
      criterion({ id: 'l', kind: 'level', unit: 'mb', pass: '== 0mb', nogo: '> 5mb', minSamples: 3 }),
      criterion({ id: 'g', confidence: 0.51, weight: 0 }),
      criterion({ id: 'f', kind: 'level', unit: 'count', pass: '< 0 count', severity: 'P2' }),
    ];
    expect(lint(...usual)).toEqual([]);
  });

  it.each<[string, Criterion]>([
    ['nogo "< 97%" is stricter than pass ">= 95 %": a value could be both.', criterion({ ...share, nogo: '< 97%' })],
    ['nogo "<= 95%" is stricter than pass ">= 95 %": a value could be both.', criterion({ ...share, nogo: '<= 95%' })],
    ['nogo ">= 200ms" is stricter than pass "< 250 ms": a value could be both.', criterion({ ...fast, id: 'x', nogo: '>= 200ms' })],
    ['nogo "== 200ms" is stricter than pass "< 250 ms": a value could be both.', criterion({ ...fast, id: 'x', nogo: '== 200ms' })],
    ['nogo "== 97%" is stricter than pass ">= 95 %": a value could be both.', criterion({ ...share, nogo: '== 97%' })],
    [
      'nogo "< 5mb" is stricter than pass "== 0 MiB": a value could be both.',
      criterion({ id: 'x', kind: 'level', unit: 'mb', pass: '== 0mb', nogo: '< 5mb' }),
    ],
    ['nogo "> 90%" points the same way as pass ">= 95%": it must say which values block.', criterion({ ...share, nogo: '> 90%' })],
    ['"< 250ms" is in ms, the check measures %.', criterion({ ...share, pass: '< 250ms' })],
    ['"< 9 count" is in count, the check measures ms.', criterion({ ...fast, id: 'x', nogo: '< 9 count' })],
    ['"< 9ms" is in ms, the check measures no unit.', criterion({ id: 'x', kind: 'mean', pass: '< 9ms' })],
    ['"< 9ms" is in ms, the check measures count.', criterion({ id: 'x', kind: 'count', unit: 'ms', pass: '< 9ms' })],
    [
      '">= 5 count" asks for bad events: a count takes an upper bound.',
      criterion({ id: 'x', kind: 'count', unit: 'count', pass: '>= 5 count' }),
    ],
    ['a ratio needs a pass target.', criterion({ ...share, pass: null })],
    ['a ratio cannot be proven equal to == 95%: write <= or >=.', criterion({ ...share, pass: '== 95%' })],
    ['a quantile cannot be proven equal to == 9ms: write <= or >=.', criterion({ ...fast, id: 'x', pass: '== 9ms' })],
    ['a mean cannot be proven equal to == 9ms: write <= or >=.', criterion({ id: 'x', kind: 'mean', unit: 'ms', pass: '== 9ms' })],
    ['a rate cannot be proven equal to == 9rps: write <= or >=.', criterion({ id: 'x', kind: 'rate', unit: 'rps', pass: '== 9rps' })],
    ['the bound "odd" is not a number.', { ...criterion(share), pass: { ...bound('>= 95%'), value: Number.NaN, text: 'odd' } }],
    ['a boolean check passes when all attempts pass: it takes neither pass nor nogo.', criterion({ id: 'x', pass: '== 1 count' })],
    ['a boolean check passes when all attempts pass: it takes neither pass nor nogo.', criterion({ id: 'x', nogo: '== 1 count' })],
    ['confidence must lie between 50 % and 100 %, it is 100 %.', criterion({ id: 'x', confidence: 1 })],
    ['confidence must lie between 50 % and 100 %, it is NaN %.', criterion({ id: 'x', confidence: Number.NaN })],
    ['confidence must lie between 50 % and 100 %, it is 50 %.', criterion({ id: 'x', confidence: 0.5 })],
    ['minSamples must be a whole number from 1 on or auto, it is 0.', criterion({ id: 'x', minSamples: 0 })],
    ['minSamples must be a whole number from 1 on or auto, it is 1.5.', criterion({ id: 'x', minSamples: 1.5 })],
    ['weight must be a number from 0 on, it is -1.', criterion({ id: 'x', weight: -1 })],
    ['weight must be a number from 0 on, it is Infinity.', criterion({ id: 'x', weight: Number.POSITIVE_INFINITY })],
    [
      'green is unreachable: no number of trials proves >= 100%; use a count that allows no bad event.',
      criterion({ ...share, pass: '>= 100%' }),
    ],
    ['green is unreachable: no quantile is below 0.', criterion({ ...fast, id: 'x', pass: '< 0ms' })],
    ['green is unreachable: no count is below 0.', criterion({ id: 'x', kind: 'count', unit: 'count', pass: '< 0 count' })],
    ['depends on itself.', criterion({ id: 'x', dependsOn: ['x'] })],
  ])('refuses: %s', (text, subject) => {
    expect(lint(subject)).toEqual([`error x: ${text}`]);
  });

  it.each<[string, Criterion]>([
    ['minSamples 58 is below what can prove >= 95%: it takes 59.', criterion({ ...share, minSamples: 58 })],
    [
      'minSamples 1 is below what can prove >= 10rps: it takes 5.',
      criterion({ id: 'x', kind: 'rate', unit: 'rps', pass: '>= 10rps', minSamples: 1 }),
    ],
    ['the id does not name its quantile (…_p95): it is planned as p99; name it or write minSamples.', criterion({ ...fast, id: 'x' })],
    [
      'a level with minSamples auto is met by a single reading: write how many it takes.',
      criterion({ id: 'x', kind: 'level', unit: 'mb', pass: '< 5mb', severity: 'P1' }),
    ],
    [
      'a level with minSamples auto is met by a single reading: write how many it takes.',
      criterion({ id: 'x', kind: 'level', unit: 'mb', pass: '< 5mb', severity: 'P0' }),
    ],
    ['depends on y, which is not declared here.', criterion({ id: 'x', dependsOn: ['y'] })],
  ])('warns: %s', (text, subject) => {
    expect(lint(subject)).toEqual([`warning x: ${text}`]);
  });

  it('refuses a criterion that is declared twice, and says whether the two agree', () => {
    expect(lint(criterion(share), criterion(share))).toEqual(['error x: is declared twice.']);
    const different = 'error x: is declared twice, with different bounds or severities.';
    expect(lint(criterion(share), criterion({ ...share, pass: '>= 70%' }))).toEqual([different]);
    expect(lint(criterion(share), criterion({ ...share, nogo: '< 70%' }))).toEqual([different]);
    expect(lint(criterion(share), criterion({ ...share, severity: 'P3' }))).toEqual([different]);
  });

  it('finds dependencies that run in a circle', () => {
    const circle = [
      criterion({ id: 'a', dependsOn: ['b'] }),
      criterion({ id: 'b', dependsOn: ['a'] }),
      criterion({ id: 'c', dependsOn: ['a'] }),
    ];
    expect(lint(...circle)).toEqual(['error a: depends on itself.', 'error b: depends on itself.']);
  });

  it('finds quantiles of one metric whose bounds contradict each other', () => {
    const p95 = criterion(fast);
    const contradiction = 'warning x_p95: < 250ms is implied by x_p99 < 200ms: the bounds contradict each other.';
    expect(lint(p95, criterion({ ...fast, id: 'x_p99', pass: '< 200ms' }))).toEqual([contradiction]);
    expect(lint(p95, criterion({ ...fast, id: 'x_p99', pass: '< 250ms' }))).toEqual([]);
    expect(lint(p95, criterion({ ...fast, id: 'y_p99', pass: '< 200ms' }))).toEqual([]);
    expect(lint(p95, criterion({ ...fast, id: 'x_p50', pass: '< 200ms' }))).toEqual([]);
    expect(lint(p95, criterion({ ...fast, id: 'x_p99', pass: '> 20ms' }))).toEqual([]);
  });
});
