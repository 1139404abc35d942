import { describe, expect, it } from 'vitest';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import { evaluate } from './evaluate.ts';
import { criterion, measured } from './fixtures.ts';

const success = criterion({ kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 90%' });
const strict = criterion({ kind: 'ratio', unit: '%', pass: '>= 95%' });
const latency = criterion({ id: 'benchmark.latency_p95', kind: 'quantile', unit: 'ms', pass: '< 250ms', nogo: '>= 500ms', severity: 'P1' });
const throughput = criterion({ kind: 'rate', unit: 'rps', pass: '>= 100rps' });
const tokens = criterion({ kind: 'mean', unit: '%', pass: '>= 40%', minSamples: 20 });
const peak = criterion({ kind: 'level', unit: 'count', pass: '< 25 count', nogo: '>= 40 count', minSamples: 3 });

function ratio(successes: number, trials: number): Observation {
  return { kind: 'ratio', successes, trials };
}

function quantile(samples: readonly number[], q = 0.95): Observation {
  return { kind: 'quantile', q, unit: 'ms', windows: [samples] };
}

function level(samples: readonly number[], worst: 'max' | 'min' = 'max'): Observation {
  return { kind: 'level', unit: 'count', samples, worst };
}

function repeat(value: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}

function judge(subject: Criterion, observation: Observation): CriterionResult {
  return evaluate(subject, measured(subject, observation));
}

describe('ratio', () => {
  it.each([
    ['the bound reaches the target', 6029, 6300, 'MET'],
    ['the bound reaches only the no-go bound', 1005, 1050, 'MARGINAL'],
    ['the point is beyond the no-go bound', 5620, 6300, 'VIOLATED'],
    ['the point is beyond the no-go bound, in few trials', 1, 3, 'VIOLATED'],
    ['the bound reaches neither', 453, 500, 'INCONCLUSIVE'],
    ['few trials, however good', 58, 58, 'INSUFFICIENT'],
    ['as many as can prove it, all good', 59, 59, 'MET'],
    ['as many as can prove it, not all good', 58, 59, 'MARGINAL'],
  ])('%s: %s of %s is %s', (_, successes, trials, state) => {
    expect(judge(success, ratio(successes, trials)).state).toBe(state);
  });

  it('without a no-go bound, a point worse than the target is VIOLATED and a better one that proves nothing INCONCLUSIVE', () => {
    expect(judge(strict, ratio(949, 1000)).state).toBe('VIOLATED');
    expect(judge(strict, ratio(951, 1000)).state).toBe('INCONCLUSIVE');
    expect(judge(strict, ratio(990, 1000)).state).toBe('MET');
  });

  it('exactly at the no-go bound is not beyond it, exactly at the target is not shown to reach it', () => {
    expect(judge(success, ratio(900, 1000)).state).toBe('INCONCLUSIVE');
    expect(judge(strict, ratio(950, 1000)).state).toBe('INCONCLUSIVE');
  });

  it('judges a share of failures from above', () => {
    const errors = criterion({ kind: 'ratio', unit: '%', pass: '<= 1%', nogo: '> 5%' });
    expect(judge(errors, ratio(0, 298)).state).toBe('INSUFFICIENT');
    expect(judge(errors, ratio(0, 299)).state).toBe('MET');
    expect(judge(errors, ratio(10, 1000)).state).toBe('MARGINAL');
    expect(judge(errors, ratio(60, 1000)).state).toBe('VIOLATED');
  });

  it('counts fewer trials when failures come in bursts', () => {
    const windows = Array.from({ length: 20 }, (_, i) => ({ successes: i === 4 ? 275 : 315, trials: 315 }));
    const observation: Observation = { kind: 'ratio', successes: 6260, trials: 6300, windows };
    const spread: Observation = { ...observation, windows: windows.map(() => ({ successes: 313, trials: 315 })) };
    const bursts = judge(success, observation);
    const steady = judge(success, { ...spread, successes: 6260 });
    expect(bursts.deff).toBeCloseTo(40.26, 1);
    expect(bursts.reason).toContain('over 6300 trials (bursts: worth 156)');
    expect([bursts.state, steady.state]).toEqual(['MET', 'MET']);
    expect(bursts.interval?.[0]).toBeLessThan(steady.interval?.[0] ?? 0);
    expect(steady.deff).toBe(1);
  });

  it('shows its figures', () => {
    const result = judge(success, ratio(1005, 1050));
    expect(result.value).toBeCloseTo(1005 / 1050, 12);
    expect(result.interval?.[0]).toBeCloseTo(0.9454, 4);
    expect(result.interval?.[1]).toBeCloseTo(0.967, 3);
    expect(result.reason).toBe(
      'share 95.71 % [94.54, 96.69] over 1050 trials does not prove >= 95 %, but stays out of the no-go range < 90 %.',
    );
  });
});

describe('quantile', () => {
  const spread = (from: number, to: number, n: number): readonly number[] =>
    Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

  it.each([
    ['all fast', repeat(100, 59), 'MET'],
    ['too few, all fast', repeat(100, 58), 'INSUFFICIENT'],
    ['too few, but slow', repeat(600, 5), 'VIOLATED'],
    ['a point below the target and a bound above it', spread(100, 260, 1000), 'MARGINAL'],
    ['a bound beyond the no-go bound', [...repeat(100, 56), ...repeat(900, 3)], 'VIOLATED'],
    ['a point that is good and a bound beyond the no-go bound', [...repeat(100, 57), ...repeat(900, 2)], 'INCONCLUSIVE'],
    ['exactly at the target', repeat(250, 400), 'MARGINAL'],
    ['exactly at the no-go bound', repeat(500, 400), 'VIOLATED'],
  ])('%s is %s', (_, samples, state) => {
    expect(judge(latency, quantile(samples)).state).toBe(state);
  });

  it('is judged over all windows, in whatever window a sample lies', () => {
    const samples = spread(100, 240, 400);
    const windows = Array.from({ length: 4 }, (_, i) => samples.filter((_sample, j) => j % 4 === i));
    const { state, value, interval } = judge(latency, quantile(samples));
    expect(judge(latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows })).toMatchObject({ state, value, interval });
  });

  it('has no bound when bursts leave too few independent samples', () => {
    const windows = Array.from({ length: 20 }, (_, i) => repeat(i === 3 ? 240 : 100, 50));
    const result = judge(latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows });
    expect(result).toMatchObject({ state: 'INCONCLUSIVE', value: 100, interval: null });
    expect(result.deff).toBeGreaterThan(50);
    expect(result.reason).toContain('p95 100 ms [no bound] over 1000 samples (bursts: worth 19)');
  });

  it('is not kept from proof by slow samples that come together far below the limit', () => {
    const windows = Array.from({ length: 20 }, (_, i) => Array.from({ length: 50 }, (_sample, j) => (i === 3 ? 60 + j / 10 : 5 + j / 100)));
    const result = judge(latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows });
    expect(result.state).toBe('MET');
    expect(result.interval?.[1]).toBeGreaterThan(60);
  });

  it('counts the bursts beyond the target even when the samples around the quantile are independent', () => {
    // 4 % of all samples are slow, all in two windows: the quantile itself lies among the steady ones.
    const windows = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: 300 }, (_sample, j) => (i < 2 && j < 120 ? 260 : 100 + j / 10)),
    );
    const result = judge(latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows });
    expect(result.value).toBeLessThan(130);
    expect(result.deff).toBeGreaterThan(100);
    expect(result.state).toBe('INCONCLUSIVE');
  });

  it('shows its figures, with enough digits to tell them from the limit', () => {
    const samples = [...spread(100, 231, 997), ...spread(231, 249.96, 53)];
    const result = judge(latency, quantile(samples));
    expect(result.reason).toMatch(/^p95 231(\.\d)? ms \[\d+(\.\d+)?, \d+(\.\d+)?\] over 1050 samples reaches < 250 ms\.$/);
    expect(judge(latency, quantile(repeat(249.96, 400))).reason).toContain('p95 249.96 ms [249.96, 249.96]');
  });
});

describe('rate', () => {
  const windows = (n: number, mean: number): Observation => ({
    kind: 'rate',
    unit: 'rps',
    windows: Array.from({ length: n }, (_, i) => mean + (i % 2 ? 3 : -3)),
  });

  it.each([
    [20, 105, 'MET'],
    [19, 105, 'INSUFFICIENT'],
    [20, 101, 'INCONCLUSIVE'],
    [20, 92, 'VIOLATED'],
    [2, 92, 'VIOLATED'],
  ])('over %s windows around %s per second is %s', (n, mean, state) => {
    expect(judge(throughput, windows(n, mean)).state).toBe(state);
  });

  it('takes five runs where the criterion says so, and never fewer', () => {
    expect(judge({ ...throughput, minSamples: 5 }, windows(5, 110)).state).toBe('MET');
    expect(judge({ ...throughput, minSamples: 1 }, windows(4, 110)).state).toBe('INSUFFICIENT');
  });
});

describe('mean', () => {
  const samples = (n: number, mean: number): Observation => ({
    kind: 'mean',
    unit: '%',
    samples: Array.from({ length: n }, (_, i) => mean + (i % 2 ? 0.1 : -0.1)),
  });

  it.each([
    [200, 0.423, 'MET'],
    [20, 0.423, 'INCONCLUSIVE'],
    [19, 0.9, 'INSUFFICIENT'],
    [200, 0.35, 'VIOLATED'],
    [2, -0.2, 'VIOLATED'],
  ])('over %s samples around %s is %s', (n, mean, state) => {
    expect(judge(tokens, samples(n, mean)).state).toBe(state);
  });

  it('takes 200 samples unless told otherwise, and never a single one', () => {
    expect(judge({ ...tokens, minSamples: 'auto' }, samples(199, 0.9)).state).toBe('INSUFFICIENT');
    expect(judge({ ...tokens, minSamples: 'auto' }, samples(200, 0.9)).state).toBe('MET');
    expect(judge({ ...tokens, minSamples: 1 }, samples(1, 0.9)).state).toBe('INSUFFICIENT');
  });
});

describe('level', () => {
  it.each([
    ['the highest is allowed', [1, 24, 3], 'MET'],
    ['the highest misses the target', [1, 25, 3], 'MARGINAL'],
    ['the highest is beyond the no-go bound', [1, 40], 'VIOLATED'],
    ['too few readings', [1, 2], 'INSUFFICIENT'],
  ])('%s: %s is %s', (_, samples, state) => {
    expect(judge(peak, level(samples))).toMatchObject({ state, value: Math.max(...samples), interval: null, samples: samples.length });
  });

  it('is judged at its lowest where higher is better', () => {
    const free = criterion({ kind: 'level', unit: 'mb', pass: '>= 10mb' });
    const observation: Observation = { kind: 'level', unit: 'mb', samples: [50, 9, 60], worst: 'min' };
    expect(judge(free, observation)).toMatchObject({ state: 'VIOLATED', value: 9 });
    expect(judge(free, observation).reason).toBe('lowest 9 MiB over 3 readings misses >= 10 MiB.');
  });

  it('that must equal the target is judged at the reading furthest from it', () => {
    const head = criterion({ kind: 'level', unit: 'count', pass: '== 7 count' });
    expect(judge(head, level([7, 7]))).toMatchObject({ state: 'MET', value: 7 });
    expect(judge(head, level([5, 7]))).toMatchObject({ state: 'VIOLATED', value: 5 });
    expect(judge(head, level([7, 8], 'min'))).toMatchObject({ state: 'VIOLATED', value: 8 });
    expect(judge(head, level([6, 8], 'min'))).toMatchObject({ state: 'VIOLATED', value: 8 });
  });
});
