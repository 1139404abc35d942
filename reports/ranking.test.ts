import { describe, expect, it } from 'vitest';
import { criterion } from './fixtures/builders.ts';
import { recordGo } from './fixtures/record-go.ts';
import { recordNoGo } from './fixtures/record-no-go.ts';
import { countsLine, rootCauses, suiteNames, whoMustAct, worstFirst } from './ranking.ts';

const base = { claim: 'x', pass: 'none' };

describe('worstFirst', () => {
  it('orders by effect, cause before blocked, severity, then id, whatever the order given', () => {
    const criteria = [
      criterion({ ...base, id: 's.z.met' }),
      criterion({ ...base, id: 's.b.hold', state: 'NOT_RUN', effect: 'hold', severity: 'P0', blockedBy: 's.a.block' }),
      criterion({ ...base, id: 's.c.hold', state: 'ERROR', effect: 'hold', severity: 'P1' }),
      criterion({ ...base, id: 's.a.block', state: 'VIOLATED', effect: 'block', severity: 'P1' }),
      criterion({ ...base, id: 's.d.block', state: 'VIOLATED', effect: 'block', severity: 'P0' }),
      criterion({ ...base, id: 's.a.met' }),
    ];
    const expected = ['s.d.block', 's.a.block', 's.c.hold', 's.b.hold', 's.a.met', 's.z.met'];
    expect(worstFirst(criteria).map(({ id }) => id)).toEqual(expected);
    expect(worstFirst(criteria.toReversed()).map(({ id }) => id)).toEqual(expected);
  });
});

describe('rootCauses', () => {
  const chain = (id: string, blockedBy: string | null): ReturnType<typeof criterion> => criterion({ ...base, id, blockedBy });

  it('follows chains to the first cause and counts everything it blocked', () => {
    const causes = rootCauses([chain('a', null), chain('b', 'a'), chain('c', 'b'), chain('d', 'x')]);
    expect(causes.map(({ id, blocked }) => [id, blocked])).toEqual([
      ['a', ['b', 'c']],
      ['x', ['d']],
    ]);
    expect(causes[1]?.criterion).toBeNull();
  });

  it('ends when causes name each other', () => {
    expect(rootCauses([chain('a', 'b'), chain('b', 'a')]).flatMap(({ blocked }) => blocked)).toHaveLength(2);
  });
});

describe('countsLine', () => {
  it('names met and violated always, other states when they occur', () => {
    expect(countsLine([])).toBe('0 met, 0 violated');
    expect(countsLine(recordNoGo().criteria)).toBe(
      '5 met, 1 marginal, 3 violated, 1 inconclusive, 1 insufficient, 1 error, 3 not run, 1 not applicable',
    );
  });
});

describe('whoMustAct', () => {
  it('names the owners of what stands against a GO, once, and nobody for a GO', () => {
    expect(whoMustAct(recordNoGo())).toEqual(['technical', 'architecture']);
    expect(whoMustAct(recordGo())).toEqual([]);
  });
});

describe('suiteNames', () => {
  it('adds suites that only criteria name', () => {
    const record = { ...recordGo(), suites: [], criteria: [criterion({ ...base, id: 'own.a.b' })] };
    expect(suiteNames(record)).toEqual(['own']);
  });
});
