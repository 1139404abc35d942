import { describe, expect, it } from 'vitest';
import type { CriterionResult } from '../model/criterion.ts';
import type { CriterionState, Severity } from '../model/state.ts';
import { CRITERION_STATES } from '../model/state.ts';
import { aggregate } from './aggregate.ts';
import { effectOf, exitCodeOf, isUnknown } from './effect.ts';
import { criterion } from './fixtures.ts';

function result(id: string, state: CriterionState, overrides: Partial<CriterionResult> = {}): CriterionResult {
  const figures = { value: null, interval: null, samples: 1, deff: 1, flaky: false, blockedBy: null, reason: `${state} because` };
  return { id, state, effect: 'ok', ...figures, ...overrides };
}

const p0 = criterion({ id: 'a', severity: 'P0' });
const p1 = criterion({ id: 'b', severity: 'P1' });
const p2 = criterion({ id: 'c', severity: 'P2' });
const p3 = criterion({ id: 'd', severity: 'P3' });

describe('effectOf', () => {
  it.each<[Severity, string]>([
    ['P0', 'ok condition block hold hold hold hold ok'],
    ['P1', 'ok condition block hold hold hold hold ok'],
    ['P2', 'ok note condition condition condition condition condition ok'],
    ['P3', 'ok note note note note note note ok'],
  ])('of %s in the order of the states is %s', (severity, effects) => {
    expect(CRITERION_STATES.map((state) => effectOf(severity, state)).join(' ')).toBe(effects);
  });
});

describe('isUnknown', () => {
  it('is true for the four states that say neither good nor bad', () => {
    expect(CRITERION_STATES.filter(isUnknown)).toEqual(['INCONCLUSIVE', 'INSUFFICIENT', 'ERROR', 'NOT_RUN']);
  });
});

describe('exitCodeOf', () => {
  it('is 0, 20, 30 and 40, never a code that a crash could give', () => {
    expect((['GO', 'CONDITIONAL', 'NO_GO', 'NOT_ASSESSED'] as const).map(exitCodeOf)).toEqual([0, 20, 30, 40]);
  });
});

describe('aggregate', () => {
  it.each<[string, readonly [CriterionState, CriterionState, CriterionState, CriterionState], string]>([
    ['all met', ['MET', 'MET', 'MET', 'MET'], 'GO'],
    ['notes only', ['MET', 'NOT_APPLICABLE', 'MARGINAL', 'VIOLATED'], 'GO'],
    ['P0 marginal', ['MARGINAL', 'MET', 'MET', 'MET'], 'CONDITIONAL'],
    ['P2 unknown', ['MET', 'MET', 'NOT_RUN', 'MET'], 'CONDITIONAL'],
    ['P1 unknown', ['MET', 'ERROR', 'VIOLATED', 'MET'], 'NOT_ASSESSED'],
    ['a violation needs no further data', ['VIOLATED', 'NOT_RUN', 'MET', 'MET'], 'NO_GO'],
  ])('%s: %s is %s', (_, [a, b, c, d], verdict) => {
    const results = [result('a', a), result('b', b), result('c', c), result('d', d)];
    expect(aggregate([p0, p1, p2, p3], results).verdict).toBe(verdict);
  });

  it('assesses nothing when there is nothing to assess', () => {
    expect(aggregate([], [])).toMatchObject({
      verdict: 'NOT_ASSESSED',
      exitCode: 40,
      reason: 'No criteria were declared: nothing was assessed.',
    });
    expect(aggregate([], []).score).toMatchObject({ low: 0, high: 1, coverage: 0 });
    const nothing = aggregate([p0, p3], [result('a', 'NOT_APPLICABLE'), result('d', 'NOT_APPLICABLE')]);
    expect(nothing).toMatchObject({
      verdict: 'NOT_ASSESSED',
      exitCode: 40,
      reason: 'No criterion applies: nothing was assessed.',
      deciding: [],
    });
  });

  it('takes a declared criterion without a result for NOT_RUN', () => {
    const decision = aggregate([p0, p1], [result('a', 'MET')]);
    expect(decision).toMatchObject({ verdict: 'NOT_ASSESSED', deciding: ['b'] });
    const nothing = { value: null, interval: null, samples: 0, deff: 1, flaky: false, blockedBy: null };
    expect(decision.results).toEqual([
      result('a', 'MET', { effect: 'ok' }),
      { id: 'b', state: 'NOT_RUN', effect: 'hold', reason: 'Declared, but never reported.', ...nothing },
    ]);
  });

  it('lets the worst of several results count, and notes that there were several', () => {
    for (const states of [['MET', 'VIOLATED'] as const, ['VIOLATED', 'MET'] as const]) {
      const decision = aggregate(
        [p0],
        states.map((state) => result('a', state)),
      );
      expect(decision).toMatchObject({ verdict: 'NO_GO', deciding: ['a'] });
      expect(decision.results).toMatchObject([
        { state: 'VIOLATED', flaky: true, reason: 'VIOLATED because (The worst of 2 results for this check.)' },
      ]);
    }
    expect(aggregate([p0], [result('a', 'MET'), result('a', 'MET')]).results).toMatchObject([{ state: 'MET', flaky: false }]);
    const thrice = [result('a', 'VIOLATED'), result('a', 'VIOLATED'), result('a', 'MET')];
    expect(aggregate([p0], thrice).results).toMatchObject([{ flaky: true }]);
    const once = [result('a', 'VIOLATED', { reason: 'z' }), result('a', 'VIOLATED', { reason: 'b', flaky: true })];
    expect(aggregate([p0], once).results).toMatchObject([{ flaky: true, reason: 'b (The worst of 2 results for this check.)' }]);
    expect(aggregate([p0], once.toReversed()).results).toEqual(aggregate([p0], once).results);
    expect(aggregate([p0], [result('a', 'NOT_RUN'), result('a', 'ERROR')]).results).toMatchObject([{ state: 'ERROR' }]);
  });

  it('does not assess a run in which somebody reported what was not declared', () => {
    const met = [result('a', 'MET')];
    const reason = 'not known, and must be known for a decision: stranger (reported, but not declared).';
    expect(aggregate([p0], met, ['stranger'])).toMatchObject({ verdict: 'NOT_ASSESSED', reason });
    expect(aggregate([p0], [...met, result('stranger', 'MET')])).toMatchObject({ verdict: 'NOT_ASSESSED', reason });
    expect(aggregate([p0], [result('a', 'VIOLATED')], ['stranger'])).toMatchObject({ verdict: 'NO_GO' });
  });

  it('derives the effect itself: a result cannot claim to be harmless', () => {
    const decision = aggregate([p0], [result('a', 'VIOLATED', { effect: 'ok' })]);
    expect(decision).toMatchObject({ verdict: 'NO_GO', results: [{ effect: 'block' }] });
  });

  it('names root causes before what they blocked, and at most three', () => {
    const criteria = ['a', 'b', 'c', 'd', 'e'].map((id) => criterion({ id }));
    const blocked = result('a', 'NOT_RUN', { blockedBy: 'e' });
    const decision = aggregate(criteria, [blocked, ...['b', 'c', 'd', 'e'].map((id) => result(id, 'ERROR'))]);
    expect(decision.reason).toBe('not known, and must be known for a decision: b (P0 ERROR), c (P0 ERROR), d (P0 ERROR), 2 more.');
    const onlyBlocked = aggregate(criteria.slice(0, 1), [blocked]);
    expect(onlyBlocked.reason).toBe('not known, and must be known for a decision: a (P0 NOT_RUN).');
  });

  it('counts the notes of a GO', () => {
    const decision = aggregate([p0, p2, p3], [result('a', 'MET'), result('c', 'MARGINAL'), result('d', 'NOT_RUN')]);
    expect(decision).toMatchObject({ verdict: 'GO', deciding: [] });
    expect(decision.reason).toBe('Every P0 and P1 criterion is met: 1 of 3 criteria, 2 with a note (P2 or P3).');
  });
});

describe('score', () => {
  it('weighs: unknown counts 0 in low and 1 in high, marginal a half, what does not apply not at all', () => {
    const criteria = [
      criterion({ id: 'a', weight: 3 }),
      criterion({ id: 'b', weight: 2 }),
      criterion({ id: 'c', weight: 4 }),
      criterion({ id: 'd', weight: 1 }),
      criterion({ id: 'e', weight: 100 }),
    ];
    const results = [
      result('a', 'MET'),
      result('b', 'MARGINAL'),
      result('c', 'VIOLATED'),
      result('d', 'INSUFFICIENT'),
      result('e', 'NOT_APPLICABLE'),
    ];
    expect(aggregate(criteria, results).score).toEqual({
      low: 0.4,
      high: 0.5,
      coverage: 0.9,
      formula: 'sum of weight x credit / sum of weight (MET 1, MARGINAL 1/2, VIOLATED 0; unknown 0 in low, 1 in high) = 4 to 5 of 10',
    });
  });

  it('does not depend on the order, not even in the last digit', () => {
    const rows = [0.1, 0.2, 0.3, 0.7].map((weight, i) => criterion({ id: `c${i}`, weight }));
    const results = rows.map(({ id }, i) => result(id, i === 3 ? 'VIOLATED' : 'MET'));
    expect(aggregate(rows.toReversed(), results).score).toEqual(aggregate(rows, results).score);
  });

  it('gives no weight to a weight that is none', () => {
    const criteria = [criterion({ id: 'a', weight: Number.NaN }), criterion({ id: 'b', weight: -5 }), criterion({ id: 'c' })];
    const results = ['a', 'b', 'c'].map((id) => result(id, id === 'c' ? 'MET' : 'VIOLATED'));
    expect(aggregate(criteria, results).score).toMatchObject({ low: 1, high: 1, coverage: 1 });
  });
});
