import { describe, expect, it } from 'vitest';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { CriterionState } from '../model/state.ts';
import { effectOf } from './effect.ts';
import { criterion } from './fixtures.ts';
import { planFor } from './next-steps.ts';

const lost = criterion({ id: 'recovery.lost', suite: 'recovery', severity: 'P0', owner: 'architecture' });
const slow = criterion({
  id: 'bench_p95',
  suite: 'benchmark',
  severity: 'P1',
  kind: 'quantile',
  unit: 'ms',
  pass: '< 250ms',
  nogo: '>= 0.5s',
});
const minor = criterion({ id: 'db.index', suite: 'database', severity: 'P2', hint: '' });
const trivial = criterion({ id: 'db.hint', suite: 'database', severity: 'P3' });
const ALL = [trivial, minor, slow, lost];

function result({ id, severity }: Criterion, state: CriterionState, blockedBy: string | null = null): CriterionResult {
  const figures = { value: null, interval: null, samples: 0, deff: 1, flaky: false, blockedBy, reason: 'It took too long.' };
  return { id, state, effect: effectOf(severity, state), ...figures };
}

describe('planFor', () => {
  it('rolls a GO out in stages and keeps its notes in mind', () => {
    expect(planFor('GO', [result(lost, 'MET'), result(trivial, 'VIOLATED')], ALL)).toEqual([
      'Stage 1: staging for 2 h; go on only while every criterion stays within its bounds.',
      'Stage 2: 10 % of the traffic for 24 h; go on only while every criterion stays within its bounds.',
      'Stage 3: 100 %; go on only while every criterion stays within its bounds.',
      'Keep in mind db.hint (P3 VIOLATED, owner technical): It took too long.',
    ]);
  });

  it('ships a CONDITIONAL behind a flag, with a monitor and a rollback trigger per open criterion', () => {
    const noNogo = criterion({ id: 'bench_p99', severity: 'P1', kind: 'quantile', unit: 'ms', pass: '< 400ms' });
    const results = [
      result(minor, 'VIOLATED'),
      result(slow, 'MARGINAL'),
      result(noNogo, 'MARGINAL'),
      result(trivial, 'MARGINAL'),
      result(lost, 'MET'),
    ];
    expect(planFor('CONDITIONAL', results, [...ALL, noNogo])).toEqual([
      'Ship behind a flag that is off by default; internal use only for 48 h.',
      'Monitor db.index (P2 VIOLATED, owner technical); roll back when it fails once more.',
      'Monitor bench_p95 (P1 MARGINAL, owner technical); roll back when it is >= 0.5 s: See the runbook.',
      'Monitor bench_p99 (P1 MARGINAL, owner technical); roll back when it misses < 400 ms: See the runbook.',
      'Stage 1: 10 % of the traffic for 24 h; go on only while every criterion stays within its bounds.',
      'Stage 2: 100 %; go on only while every criterion stays within its bounds.',
    ]);
  });

  it('has a time limit for every violation of a NO_GO, worst first, and the command of the re-test', () => {
    const results = [result(trivial, 'VIOLATED'), result(minor, 'VIOLATED'), result(slow, 'VIOLATED'), result(lost, 'VIOLATED')];
    expect(planFor('NO_GO', results, ALL)).toEqual([
      'Fix bench_p95 within 3 days (P1, owner technical): See the runbook.',
      'Fix recovery.lost within 24 h (P0, owner architecture): See the runbook.',
      'Fix db.index within 1 week (P2, owner technical).',
      'Fix db.hint with the backlog (P3, owner technical): See the runbook.',
      'Then assess again: muster validate --suite benchmark,recovery,database, and the whole with muster validate.',
    ]);
  });

  it('leaves out what is only blocked by the violation that has to be fixed first', () => {
    const results = [result(slow, 'NOT_RUN', 'recovery.lost'), result(lost, 'VIOLATED'), result(minor, 'ERROR')];
    expect(planFor('NO_GO', results, ALL)).toEqual([
      'Fix recovery.lost within 24 h (P0, owner architecture): See the runbook.',
      'Find out db.index (P2 ERROR, owner technical): It took too long.',
      'Then assess again: muster validate --suite recovery,benchmark,database, and the whole with muster validate.',
    ]);
  });

  it('says what has to be found out when nothing could be assessed', () => {
    expect(planFor('NOT_ASSESSED', [result(slow, 'INSUFFICIENT'), result(lost, 'MET')], ALL)).toEqual([
      'Find out bench_p95 (P1 INSUFFICIENT, owner technical): It took too long.',
      'Then assess again: muster validate --suite benchmark, and the whole with muster validate.',
    ]);
    expect(planFor('NOT_ASSESSED', [], [])).toEqual(['Declare at least one criterion: nothing was assessed.']);
    expect(planFor('NOT_ASSESSED', [], ALL)).toEqual(['Then assess again: muster validate, and the whole with muster validate.']);
  });
});
