import { describe, expect, it } from 'vitest';
import { askedWithin, PATIENCE_MS, timesOf } from './asked.ts';
import { stageFinding, type StageAsk } from './stage-finding.ts';

/** Executions of kind `memory`, four a second, that waited 40 ms and told 5 ms for matching and 30 ms for all. */
function asks(count: number, other: (index: number) => Partial<StageAsk> = () => ({})): readonly StageAsk[] {
  const told = { ms: { match: 5, memory: 30 }, claimedMs: 30 };
  return Array.from({ length: count }, (_, index) => ({ atMs: index * 250, kind: 'memory', ms: 40, told, ...other(index) }));
}

const samples = (finding: ReturnType<typeof stageFinding>): readonly number[] =>
  finding.observation.kind === 'quantile' ? finding.observation.windows.flat() : [];

describe('stageFinding', () => {
  it('judges a whole by what its caller waited, and a part by the word of the target', () => {
    const whole = stageFinding('memory', asks(60));
    expect(samples(whole)).toEqual(Array.from({ length: 60 }, () => 40));
    expect(whole.evidence).toBeUndefined();
    const part = stageFinding('match', asks(60));
    expect(samples(part)).toEqual(Array.from({ length: 60 }, () => 5));
    expect(part.evidence).toBe('asserted');
    expect(part.witnesses?.map(({ saw }) => saw).join()).toContain('waited 40.0 ms on average');
  });

  it('counts an execution that did not succeed as one that was waited for to the end', () => {
    const failing = asks(60, (index) => (index % 10 === 0 ? { ms: null, told: null } : {}));
    expect(samples(stageFinding('memory', failing)).filter((ms) => ms === PATIENCE_MS)).toHaveLength(6);
    expect(samples(stageFinding('match', failing)).filter((ms) => ms === PATIENCE_MS)).toHaveLength(6);
  });

  it('says nothing when more than a few answers lack the figure', () => {
    const silent = (every: number) => asks(100, (index) => (index % every === 0 ? { told: { ms: { memory: 30 }, claimedMs: 30 } } : {}));
    expect(() => stageFinding('match', silent(10))).toThrow('only 90 of 100 answers have a number');
    expect(samples(stageFinding('match', silent(20)))).toHaveLength(95);
  });

  it('does not believe parts that add up to more than was waited', () => {
    const lies = asks(60, (index) => (index < 3 ? { told: { ms: { match: 90, memory: 30 }, claimedMs: 90 } } : {}));
    expect(() => stageFinding('match', lies)).toThrow('add up to more');
    expect(samples(stageFinding('memory', lies))).toHaveLength(60);
  });
});

describe('timesOf', () => {
  it('gives them by the second they began in, and what did not come with the longest anybody waits', () => {
    const observation = timesOf(0.95, [
      { atMs: 100, ms: 1 },
      { atMs: 2200, ms: null },
      { atMs: 900, ms: 2 },
    ]);
    expect(observation).toMatchObject({
      windows: [[1, 2], [PATIENCE_MS]],
      windowTimes: [
        [100, 1100],
        [2100, 3100],
      ],
    });
  });

  it('leaves out what was asked outside the load', () => {
    expect(askedWithin(asks(8), [500, 1000]).map(({ atMs }) => atMs)).toEqual([500, 750]);
  });
});
