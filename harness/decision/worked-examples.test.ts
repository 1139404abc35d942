import { describe, expect, it } from 'vitest';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Observation, Reported } from '../model/measurement.ts';
import type { Decision } from './aggregate.ts';
import { aggregate } from './aggregate.ts';
import { evaluate } from './evaluate.ts';
import { attempts, criterion, measured, notRun } from './fixtures.ts';
import { reconcile } from './reconcile.ts';

const success = criterion({ id: 'success', kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 90%', severity: 'P0' });
const cache = criterion({ id: 'cache', kind: 'ratio', unit: '%', pass: '> 80%', nogo: '< 70%', severity: 'P1' });
const latency = criterion({ id: 'latency_p95', kind: 'quantile', unit: 'ms', pass: '< 250ms', severity: 'P1' });
const throughput = criterion({ id: 'throughput', kind: 'rate', unit: 'rps', pass: '>= 100rps', severity: 'P1' });
const tokens = criterion({ id: 'tokens', kind: 'mean', unit: '%', pass: '>= 40%', severity: 'P1' });
const security = criterion({ id: 'security', severity: 'P0' });
const stability = criterion({ id: 'stability', severity: 'P0' });
const POLICY = [success, cache, latency, throughput, tokens, security, stability];

function ratio(successes: number, trials: number): Observation {
  return { kind: 'ratio', successes, trials };
}

/** `good` evidence for all seven, with `over` instead for some. */
function decide(over: Readonly<Record<string, Observation | null>>): Decision & { readonly states: Readonly<Record<string, string>> } {
  const good: Readonly<Record<string, Observation>> = {
    success: ratio(6029, 6300),
    cache: ratio(5116, 6300),
    latency_p95: { kind: 'quantile', q: 0.95, unit: 'ms', windows: [Array.from({ length: 1050 }, (_, i) => 20 + i / 5)] },
    throughput: { kind: 'rate', unit: 'rps', windows: Array.from({ length: 30 }, (_, i) => 104 + (i % 3)) },
    tokens: { kind: 'mean', unit: '%', samples: Array.from({ length: 400 }, (_, i) => (i % 2 ? 0.622 : 0.224)) },
    security: attempts(true),
    stability: attempts(true),
  };
  const reports = POLICY.flatMap((subject: Criterion): readonly Reported[] => {
    const observation = over[subject.id] === undefined ? good[subject.id] : over[subject.id];
    return observation === undefined ? [] : [observation === null ? notRun(subject) : measured(subject, observation)];
  });
  const complete = reconcile(POLICY, reports);
  const results = POLICY.flatMap((subject): readonly CriterionResult[] => {
    const report = complete.get(subject.id);
    return report === undefined ? [] : [evaluate(subject, report)];
  });
  return { ...aggregate(POLICY, results), states: Object.fromEntries(results.map(({ id, state }) => [id, state])) };
}

/** 6029 of 6300 in 60 windows of 105, failures in bursts: design effect 4. */
const bursts = Array.from({ length: 20 }, (_, i) => [21, 20, 6, 7][i % 4] ?? 0)
  .map((failures, i) => (i === 0 ? failures + 1 : failures))
  .flatMap((failures) => [failures, 0, 0])
  .map((failures) => ({ successes: 105 - failures, trials: 105 }));

describe('worked examples', () => {
  it('E1: the rates of the checklist over 10 s are CONDITIONAL', () => {
    const decision = decide({ success: ratio(1005, 1050), cache: ratio(853, 1050) });
    expect(decision.states).toMatchObject({ success: 'MARGINAL', cache: 'MARGINAL', latency_p95: 'MET', throughput: 'MET', tokens: 'MET' });
    expect(decision).toMatchObject({ verdict: 'CONDITIONAL', exitCode: 20, deciding: ['success', 'cache'] });
    expect(decision.score).toMatchObject({ low: 6 / 7, high: 6 / 7, coverage: 1 });
  });

  it('E2: the same rates over 60 s are GO', () => {
    const decision = decide({});
    expect(decision).toMatchObject({ verdict: 'GO', exitCode: 0, deciding: [], score: { low: 1, high: 1, coverage: 1 } });
    expect(decision.reason).toBe('Every P0 and P1 criterion is met: 7 of 7 criteria.');
  });

  it('E2b: as E2 with errors in bursts, design effect 4, is CONDITIONAL', () => {
    const decision = decide({ success: { kind: 'ratio', successes: 6029, trials: 6300, windows: bursts } });
    expect(decision.results[0]?.deff).toBeCloseTo(4, 0);
    expect(decision.results[0]?.interval?.[0]).toBeCloseTo(0.9476, 3);
    expect(decision).toMatchObject({ verdict: 'CONDITIONAL', deciding: ['success'] });
    expect(decision.score.low).toBeCloseTo(0.93, 2);
  });

  it('E3: 92.5 % is CONDITIONAL, between the bounds', () => {
    expect(decide({ success: ratio(5828, 6300) })).toMatchObject({ verdict: 'CONDITIONAL', states: { success: 'MARGINAL' } });
  });

  it('E4: 89.2 % is NO_GO', () => {
    const decision = decide({ success: ratio(5620, 6300) });
    expect(decision).toMatchObject({ verdict: 'NO_GO', exitCode: 30, deciding: ['success'], states: { success: 'VIOLATED' } });
    expect(decision.reason).toBe('P0 or P1 violated: success (P0 VIOLATED).');
    expect(decision.score).toMatchObject({ low: 6 / 7, high: 6 / 7, coverage: 1 });
  });

  it('E5: 20 of 20 is NOT_ASSESSED', () => {
    const decision = decide({ success: ratio(20, 20) });
    expect(decision).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 40, states: { success: 'INSUFFICIENT' } });
    expect(decision.score).toMatchObject({ low: 6 / 7, high: 1, coverage: 6 / 7 });
  });

  it('E6: a security suite that was skipped is NOT_ASSESSED', () => {
    const decision = decide({ security: null });
    expect(decision).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 40, deciding: ['security'], states: { security: 'NOT_RUN' } });
    expect(decision.reason).toBe('not known, and must be known for a decision: security (P0 NOT_RUN).');
  });

  it('E7: 90.6 % of 500 is NOT_ASSESSED', () => {
    expect(decide({ success: ratio(453, 500) })).toMatchObject({ verdict: 'NOT_ASSESSED', states: { success: 'INCONCLUSIVE' } });
  });

  it('E8: 92 requests per second, without a waiver, is NO_GO', () => {
    const windows = Array.from({ length: 30 }, (_, i) => 91 + (i % 3));
    expect(decide({ throughput: { kind: 'rate', unit: 'rps', windows } })).toMatchObject({ verdict: 'NO_GO', deciding: ['throughput'] });
  });

  it('E9: two met, one violated, five never run is NO_GO with a score of 25 to 88 %', () => {
    const policy = Array.from({ length: 8 }, (_, i) => criterion({ id: `row-${i}` }));
    const results = policy.slice(0, 3).map((subject, i) => evaluate(subject, measured(subject, attempts(i < 2))));
    const decision = aggregate(policy, results);
    expect(decision).toMatchObject({ verdict: 'NO_GO', deciding: ['row-2'], score: { low: 0.25, high: 0.875, coverage: 0.375 } });
    expect(decision.score.formula).toContain('= 2 to 7 of 8');
  });
});
