import { describe, expect, it } from 'vitest';
import { attempts, criterion, measured, notRun } from './fixtures.ts';
import { reconcile, undeclaredIds } from './reconcile.ts';

const first = criterion({ id: 'first' });
const second = criterion({ id: 'second' });
const good = measured(first, attempts(true));
const bad = measured(first, attempts(false));

describe('reconcile', () => {
  it('gives every declared criterion exactly one report, in the order of declaration', () => {
    const complete = reconcile([second, first], [good]);
    expect([...complete.keys()]).toEqual(['second', 'first']);
    expect(complete.get('first')).toBe(good);
    expect(complete.get('second')).toEqual({
      absence: { criterion: 'second', reason: 'Declared, but never reported.', blockedBy: null, kind: 'not-run' },
    });
  });

  it('takes a map as well as a list', () => {
    expect(reconcile([first], new Map([['first', good]])).get('first')).toBe(good);
  });

  it('lets the worst of several reports for one check count, in whatever order they come', () => {
    expect(reconcile([first], [good, bad]).get('first')).toBe(bad);
    expect(reconcile([first], [bad, good]).get('first')).toBe(bad);
    expect(reconcile([first], [bad, measured(first, attempts(false, false))]).get('first')).toBe(bad);
    expect(reconcile([first], [good, notRun(first)]).get('first')).toEqual(notRun(first));
  });

  it('keeps what nobody declared out', () => {
    expect([...reconcile([second], [good]).keys()]).toEqual(['second']);
  });
});

describe('undeclaredIds', () => {
  it('lists what was reported without being declared, sorted and once', () => {
    const reports = [good, bad, measured(criterion({ id: 'a.stranger' }), attempts(true)), notRun(second)];
    expect(undeclaredIds([second], reports)).toEqual(['a.stranger', 'first']);
    expect(undeclaredIds([first, second], [good, notRun(second)])).toEqual([]);
  });
});
