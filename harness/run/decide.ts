import { aggregate, evaluate, planFor, reconcile, undeclaredIds } from '../decision/index.ts';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Measurement, Reported, Witness } from '../model/measurement.ts';
import type { RunPlan } from '../model/plan.ts';
import type { RecordCriterion, RecordWitness, RunRecord } from '../model/record.ts';

/** The part of a record that is a pure function of criteria and evidence. */
export type Decided = Pick<RunRecord, 'verdict' | 'exitCode' | 'reason' | 'score' | 'criteria' | 'plan'>;

/** Judges what was reported against what was declared; what was declared and never reported is NOT_RUN. */
export function decide(plan: RunPlan, reported: ReadonlyMap<string, Reported>): Decided {
  const complete = reconcile(plan.criteria, reported);
  const judged = plan.criteria.map((criterion) => {
    const evidence = complete.get(criterion.id) ?? neverReported(criterion);
    return { criterion, evidence, result: evaluate(criterion, evidence) };
  });
  const results = judged.map(({ result }) => result);
  const { verdict, exitCode, reason, score } = aggregate(plan.criteria, results, undeclaredIds(plan.criteria, reported));
  return {
    verdict,
    exitCode,
    reason,
    score,
    criteria: judged.map(({ criterion, evidence, result }) => criterionRow(criterion, result, { plan, evidence })),
    plan: planFor(verdict, results, plan.criteria),
  };
}

function neverReported(criterion: Criterion): Reported {
  return { absence: { criterion: criterion.id, kind: 'not-run', reason: 'declared but never reported', blockedBy: null } };
}

interface RowContext {
  readonly plan: RunPlan;
  readonly evidence: Reported;
}

function criterionRow(criterion: Criterion, result: CriterionResult, { plan, evidence }: RowContext): RecordCriterion {
  const { id, suite, severity, claim, unit, owner, hint } = criterion;
  const { state, effect, value, samples, interval, reason, blockedBy, flaky } = result;
  return {
    id,
    suite,
    severity,
    claim,
    state,
    effect,
    ...boundTexts(criterion),
    value,
    unit,
    samples,
    interval,
    ...provenance('measurement' in evidence ? evidence.measurement : null),
    reason,
    blockedBy,
    flaky,
    waiver: null,
    owner,
    hint,
    reproduce: repeatCommand(plan, suite),
  };
}

/** The command that measures one suite again under the same circumstances. */
function repeatCommand({ sources, profile, seed }: RunPlan, suite: string): string {
  const suites = [...new Set(['preflight', suite])].join(',');
  return ['muster', 'validate', ...sources, '--suite', suites, '--profile', profile, '--seed', String(seed)].join(' ');
}

function boundTexts({ pass, nogo, kind }: Criterion): Pick<RecordCriterion, 'pass' | 'nogo'> {
  return { pass: pass?.text ?? (kind === 'count' ? 'none' : 'every attempt'), nogo: nogo?.text ?? null };
}

function witnessRow({ source, saw, timeline }: Witness): RecordWitness {
  return { source, saw, timeline: timeline ?? null };
}

function provenance(measurement: Measurement | null): Pick<RecordCriterion, 'evidence' | 'witnesses' | 'window'> {
  if (measurement === null) return { evidence: null, witnesses: [], window: null };
  return { evidence: measurement.evidence, witnesses: measurement.witnesses.map(witnessRow), window: measurement.window };
}
