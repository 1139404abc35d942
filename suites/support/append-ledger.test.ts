import { describe, expect, it } from 'vitest';
import { contested, settleAppends, violations, type Append } from './append-ledger.ts';

const append = (value: string, outcome: Append['outcome'] = 'ok'): Append => ({ key: 'k', value, outcome, startMs: 0, endMs: 1 });
const stored = (...values: string[]) => new Map([['k', values]]);

describe('settleAppends', () => {
  it('finds nothing when every acknowledged append is there once', () => {
    const findings = settleAppends([append('a'), append('b')], stored('b', 'a'));
    expect(findings.acknowledged).toBe(2);
    expect(violations(findings)).toEqual([]);
  });

  it('names an acknowledged append that is missing', () => {
    expect(violations(settleAppends([append('a'), append('b')], stored('a')))).toEqual(['b in k was acknowledged and is not there']);
  });

  it('allows an append of unknown outcome both ways', () => {
    expect(violations(settleAppends([append('a', 'unknown')], stored('a')))).toEqual([]);
    expect(violations(settleAppends([append('a', 'unknown')], stored()))).toEqual([]);
  });

  it('finds an append that was applied twice, whatever it answered', () => {
    expect(violations(settleAppends([append('a', 'unknown')], stored('a', 'a')))).toEqual(['a in k is there more than once']);
  });

  it('allows an append that was answered 503 both ways', () => {
    expect(violations(settleAppends([append('a', 'shed')], stored('a')))).toEqual([]);
    expect(violations(settleAppends([append('a', 'shed')], stored()))).toEqual([]);
  });

  it('finds a refused append that was applied', () => {
    expect(violations(settleAppends([append('a', 'rejected')], stored('a')))).toEqual(['a in k was refused and is there']);
  });

  it('finds what nobody sent', () => {
    expect(violations(settleAppends([], stored('z')))).toEqual(['z in k is there and was never sent']);
  });

  it('keeps equal values of different keys apart', () => {
    const appends: Append[] = [{ ...append('a') }, { ...append('a'), key: 'l' }];
    expect(violations(settleAppends(appends, stored('a')))).toEqual(['a in l was acknowledged and is not there']);
  });
});

describe('contested', () => {
  const at = (startMs: number, endMs: number, key = 'k'): Append => ({ ...append(`${startMs}`), key, startMs, endMs });

  it('counts appends that overlap with another on the same key', () => {
    expect(contested([at(0, 10), at(5, 15), at(20, 30)])).toBe(2);
  });

  it('does not count appends on different keys, or one after the other', () => {
    expect(contested([at(0, 10), at(0, 10, 'l'), at(10, 20)])).toBe(0);
  });

  it('does not count what was not acknowledged', () => {
    expect(contested([at(0, 10), { ...at(5, 15), outcome: 'unknown' }])).toBe(0);
  });
});
