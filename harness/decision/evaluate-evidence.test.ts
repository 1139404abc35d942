import { describe, expect, it } from 'vitest';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import { evaluate } from './evaluate.ts';
import { attempts, criterion, measured, notRun } from './fixtures.ts';

const success = criterion({ kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 90%' });
const latency = criterion({ id: 'benchmark.latency_p95', kind: 'quantile', unit: 'ms', pass: '< 250ms', nogo: '>= 500ms', severity: 'P1' });
const throughput = criterion({ kind: 'rate', unit: 'rps', pass: '>= 100rps' });
const lost = criterion({ kind: 'count', unit: 'count' });
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

function count(bad: number, trials: number, examples: readonly string[] = []): Observation {
  return { kind: 'count', count: bad, trials, examples };
}

function repeat(value: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}

function judge(subject: Criterion, observation: Observation): CriterionResult {
  return evaluate(subject, measured(subject, observation));
}

describe('evidence that is not there', () => {
  it('is NOT_RUN with the reason and the blocker', () => {
    expect(evaluate(success, notRun(success, 'preflight.postgres'))).toMatchObject({
      state: 'NOT_RUN',
      effect: 'hold',
      reason: 'It was skipped.',
      blockedBy: 'preflight.postgres',
      value: null,
      interval: null,
      samples: 0,
      deff: 1,
      flaky: false,
    });
  });

  it('is ERROR when our own code crashed', () => {
    const absence = { criterion: success.id, reason: 'The worker was killed.', blockedBy: null, kind: 'error' } as const;
    expect(evaluate(success, { absence })).toMatchObject({ state: 'ERROR', reason: 'The worker was killed.' });
  });

  it.each([
    ['attempts', criterion(), attempts()],
    ['trials of a ratio', success, ratio(0, 0)],
    ['trials of a count', lost, count(0, 0)],
    ['samples', latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows: [[], []] }],
    ['windows', throughput, { kind: 'rate', unit: 'rps', windows: [] }],
    ['readings', peak, level([])],
  ] as const)('is NOT_RUN when there are no %s', (_, subject, observation) => {
    expect(judge(subject, observation)).toMatchObject({ state: 'NOT_RUN', reason: 'Nothing was measured.' });
  });

  it('says why nothing was measured when the harness knows', () => {
    const result = evaluate(success, measured(success, ratio(0, 0), { harnessFault: 'the generator died.' }));
    expect(result).toMatchObject({ state: 'NOT_RUN', reason: 'Nothing was measured: the generator died.' });
  });

  it.each([
    ['asserted', 'P0', 'NOT_RUN'],
    ['mock', 'P0', 'NOT_RUN'],
    ['asserted', 'P1', 'NOT_RUN'],
    ['mock', 'P1', 'NOT_RUN'],
    ['mock', 'P2', 'MET'],
    ['asserted', 'P3', 'MET'],
    ['measured', 'P0', 'MET'],
    ['inspected', 'P0', 'MET'],
  ] as const)('%s evidence of a good %s is %s', (evidence, severity, state) => {
    const subject = criterion({ severity });
    expect(evaluate(subject, measured(subject, attempts(true), { evidence })).state).toBe(state);
  });

  it('is NOT_APPLICABLE only by the policy, whatever was reported', () => {
    const subject = criterion({ notApplicable: 'no Redis in this target' });
    const expected = { state: 'NOT_APPLICABLE', effect: 'ok', reason: 'no Redis in this target', samples: 0 };
    expect(judge(subject, attempts(false))).toMatchObject(expected);
    expect(evaluate(subject, notRun(subject))).toMatchObject(expected);
  });
});

describe('evidence that cannot be judged is ERROR', () => {
  it('when the harness is at fault, even if the figures are bad', () => {
    const result = evaluate(success, measured(success, ratio(1, 100), { harnessFault: 'the generator was saturated.' }));
    expect(result).toMatchObject({ state: 'ERROR', effect: 'hold', reason: 'The harness is at fault: the generator was saturated.' });
  });

  it.each<[string, Criterion, Observation]>([
    ['the check declares a ratio and reported a boolean', success, attempts(true)],
    ['the measurement is of the 0.5 quantile', latency, quantile(repeat(1, 400), 0.5)],
    ['the id names the 0.95 quantile, the measurement is of the 0.945 quantile', latency, quantile(repeat(1, 400), 0.945)],
    ['the quantile must lie between 0 and 1, it is 1', { ...latency, id: 'benchmark.latency' }, quantile(repeat(1, 400), 1)],
    ['sample 1 of 400 is NaN', latency, quantile(repeat(Number.NaN, 400))],
    ['sample 2 of 3 is -5', latency, quantile([1, -5, 1])],
    ['sample 1 of 2 is Infinity', throughput, { kind: 'rate', unit: 'rps', windows: [Number.POSITIVE_INFINITY, 1] }],
    ['declares rps and reported count', throughput, { kind: 'rate', unit: 'count', windows: repeat(200, 30) }],
    ['sample 1 of 1 is NaN', peak, level([Number.NaN])],
    ['lower is better, yet the level is judged at its minimum', peak, level([1, 2, 3], 'min')],
    ['NaN successes of 100 trials is not a share', success, ratio(Number.NaN, 100)],
    ['5 successes of NaN trials is not a share', success, ratio(5, Number.NaN)],
    ['101 successes of 100 trials is not a share', success, ratio(101, 100)],
    ['-1 successes of 100 trials is not a share', success, ratio(-1, 100)],
    ['0.5 bad events in 100 trials are not whole numbers', lost, count(0.5, 100)],
    ['NaN bad events in 100 trials are not whole numbers', lost, count(Number.NaN, 100)],
    ['0 bad events in -1 trials are not whole numbers', lost, count(0, -1)],
    ['2 bad events were reported for 0 trials', lost, count(2, 0)],
  ])('%s', (reason, subject, observation) => {
    const result = judge(subject, observation);
    expect(result).toMatchObject({ state: 'ERROR', value: null });
    expect(result.reason).toContain(reason);
  });

  it.each([
    [50, 50],
    [99, 99],
    [98, 100],
  ])('when the windows of a ratio contradict its total: %s of %s', (successes, trials) => {
    const observation: Observation = { kind: 'ratio', successes: 99, trials: 100, windows: [{ successes, trials }] };
    expect(judge(success, observation)).toMatchObject({
      state: 'ERROR',
      reason: `The evidence cannot be judged: the windows add up to ${successes} of ${trials}, the total says 99 of 100.`,
    });
  });

  it('when the figures are too large to compute with', () => {
    const observation: Observation = { kind: 'rate', unit: 'rps', windows: [...repeat(1e308, 30)] };
    expect(judge(throughput, observation)).toMatchObject({ state: 'ERROR', value: null, interval: null });
    const scattered: Observation = { kind: 'rate', unit: 'rps', windows: [...repeat(1e200, 15), ...repeat(2e200, 15)] };
    expect(judge(throughput, scattered)).toMatchObject({ state: 'ERROR', value: null, interval: null });
  });

  it('when the report is of another criterion', () => {
    const result = evaluate(success, measured(latency, ratio(100, 100)));
    expect(result).toMatchObject({ state: 'ERROR', reason: 'The measurement is of benchmark.latency_p95, not of demo.subject.measure.' });
  });

  it('when the policy contradicts itself', () => {
    const subject = criterion({ kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 97%' });
    expect(judge(subject, ratio(6300, 6300)).reason).toContain('nogo "< 97%" is stricter than pass ">= 95 %"');
  });

  it('when the report does not have the shape it promises', () => {
    const broken = { kind: 'boolean' } as unknown as Observation;
    expect(judge(criterion(), broken)).toMatchObject({ state: 'ERROR' });
    const nothing = { kind: 'boolean', attempts: [{ note: 'ok is missing' }] } as unknown as Observation;
    expect(judge(criterion(), nothing).reason).toBe('The evidence cannot be judged: an attempt is neither true nor false.');
  });
});

describe('boolean', () => {
  it.each([
    ['P0', [true], 'MET', false],
    ['P0', [true, false], 'VIOLATED', true],
    ['P0', [false, false], 'VIOLATED', false],
    ['P1', [true, false], 'MARGINAL', true],
    ['P2', [false, true], 'MARGINAL', true],
    ['P3', [true, false, true], 'MARGINAL', true],
    ['P1', [false], 'VIOLATED', false],
    ['P3', [false, false], 'VIOLATED', false],
  ] as const)('%s with attempts %s is %s', (severity, oks, state, flaky) => {
    expect(judge(criterion({ severity }), attempts(...oks))).toMatchObject({
      state,
      flaky,
      samples: oks.length,
      value: oks.filter(Boolean).length / oks.length,
      interval: null,
    });
  });

  it('needs as many attempts as the criterion says, to pass but not to fail', () => {
    const subject = criterion({ minSamples: 3, severity: 'P1' });
    expect(judge(subject, attempts(true, true))).toMatchObject({ state: 'INSUFFICIENT', reason: '2 attempts were made, it takes 3.' });
    expect(judge(subject, attempts(true, true, true)).state).toBe('MET');
    expect(judge(subject, attempts(true, false))).toMatchObject({ state: 'INSUFFICIENT', flaky: true });
    expect(judge(subject, attempts(false, false)).state).toBe('VIOLATED');
  });

  it('names the first attempt that failed', () => {
    expect(judge(criterion(), attempts(true, false, false)).reason).toBe('2 of 3 attempts failed: attempt 2 answered 500');
    expect(judge(criterion(), attempts(true, true)).reason).toBe('All 2 attempts passed.');
  });
});

describe('count', () => {
  it('of one bad event is VIOLATED, in however few trials', () => {
    const result = judge(lost, count(1, 3, ['write 17 was acknowledged and is gone']));
    expect(result).toMatchObject({ state: 'VIOLATED', value: 1, samples: 3, interval: null });
    expect(result.reason).toBe('1 bad event in 3 trials (allowed: none), for example: write 17 was acknowledged and is gone');
  });

  it('of none is MET only in enough trials, and says what it still allows', () => {
    expect(judge(lost, count(0, 58))).toMatchObject({ state: 'INSUFFICIENT', value: 0 });
    expect(judge(lost, count(0, 58)).reason).toBe('no bad events in 58 trials: it takes at least 59 trials to show that.');
    expect(judge(lost, count(0, 300)).reason).toBe('no bad events in 300 trials; with 95 % confidence at most 0.99 % are bad.');
    expect(judge(lost, count(0, 59)).state).toBe('MET');
    expect(judge({ ...lost, minSamples: 10 }, count(0, 10)).state).toBe('MET');
  });

  it('of none in a catalogue that was inspected as a whole needs no more than there is', () => {
    const result = evaluate(lost, measured(lost, count(0, 7), { evidence: 'inspected' }));
    expect(result).toMatchObject({ state: 'MET', reason: 'no bad events in 7 trials, all there are.' });
    expect(evaluate(lost, measured(lost, count(0, 1), { evidence: 'inspected' })).state).toBe('MET');
  });

  it('may be more than the trials: several bad events each', () => {
    expect(judge(lost, count(5, 1)).state).toBe('VIOLATED');
  });

  it('with a tolerance is compared exactly', () => {
    const some = criterion({ kind: 'count', unit: 'count', pass: '<= 2 count', nogo: '> 5 count', minSamples: 10 });
    expect([0, 2, 3, 5, 6].map((bad) => judge(some, count(bad, 100)).state)).toEqual(['MET', 'MET', 'MARGINAL', 'MARGINAL', 'VIOLATED']);
    expect(judge(some, count(3, 100)).reason).toBe('3 bad events in 100 trials (allowed: <= 2, no-go: > 5).');
    expect(judge(some, count(1, 9)).state).toBe('INSUFFICIENT');
  });
});
