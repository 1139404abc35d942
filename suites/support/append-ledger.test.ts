import { describe, expect, it } from 'vitest';
import { settleAppends, violations, type Append } from './append-ledger.ts';

const append = (value: string, outcome: Append['outcome'] = 'ok'): Append => ({ key: 'k', value, outcome });
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

  it('finds a refused append that was applied', () => {
    expect(violations(settleAppends([append('a', 'rejected')], stored('a')))).toEqual(['a in k was refused and is there']);
  });

  it('finds what nobody sent', () => {
    expect(violations(settleAppends([], stored('z')))).toEqual(['z in k is there and was never sent']);
  });

  it('keeps equal values of different keys apart', () => {
    const appends: Append[] = [
      { key: 'k', value: 'a', outcome: 'ok' },
      { key: 'l', value: 'a', outcome: 'ok' },
    ];
    expect(violations(settleAppends(appends, stored('a')))).toEqual(['a in l was acknowledged and is not there']);
  });
});
