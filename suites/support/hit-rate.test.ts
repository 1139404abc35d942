import { describe, expect, it } from 'vitest';
import { bestHitRate, crowdOf, hitRate, type Look } from './hit-rate.ts';

const look = (cacheHit: boolean | null, metered: number | null): Look => ({ cacheHit, metered });
const MISS = look(false, 100);
const HIT = look(true, 0);

describe('the hit rate', () => {
  it('counts what the answer says and the meter did not', () => {
    expect(hitRate([MISS, HIT, HIT, look(true, 90)], null).observation).toEqual({ kind: 'ratio', successes: 2, trials: 4 });
  });

  it('never counts what only the meter suggests: an answer that says it is none', () => {
    expect(hitRate([look(false, 0), HIT], null).observation).toEqual({ kind: 'ratio', successes: 1, trials: 2 });
  });

  it('is not measured when the answers do not say, whatever the meter counted', () => {
    expect(() => hitRate([look(null, 0), HIT], null)).toThrow('do not say whether they come from the cache');
  });

  it('takes Redis where there is no meter, if it can have seen them all', () => {
    const unmetered = [look(false, null), look(true, null), look(true, null)];
    expect(hitRate(unmetered, { hits: 2, misses: 1 }).observation).toEqual({ kind: 'ratio', successes: 2, trials: 3 });
    expect(() => hitRate(unmetered, { hits: 1, misses: 1 })).toThrow('Redis saw 1 hits: no binding `meter`');
    expect(() => hitRate(unmetered, null)).toThrow('no binding `meter`, and no Redis');
  });
});

describe('a crowd', () => {
  it('asks so often that those who come first are few', () => {
    expect(crowdOf({ agents: 5, atLeast: 108 })).toEqual({ requests: 108, width: 5 });
    expect(crowdOf({ agents: 100, atLeast: 108 })).toEqual({ requests: 1_000, width: 100 });
  });

  it('leaves a cache the first request for each text', () => {
    expect(bestHitRate(1, 20)).toBe(0.95);
    expect(bestHitRate(12, 12)).toBe(0);
  });
});
