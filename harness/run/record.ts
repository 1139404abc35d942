import { cpus, totalmem } from 'node:os';
import { aggregate, evaluate, planFor, reconcile } from '../decision/index.ts';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Reported } from '../model/measurement.ts';
import type { RunPlan } from '../model/plan.ts';
import { SCHEMA_VERSION, type RecordCriterion, type RecordSuite, type RunRecord } from '../model/record.ts';
import type { Interruption } from './interruption.ts';

/** Everything about a run that is not a criterion's result. */
export interface RunFacts {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly command: string;
  readonly musterVersion: string;
  readonly provider: string;
  readonly providerReason: string;
  readonly configDigest: string;
  readonly complete: boolean;
  readonly interruption: Interruption | null;
  /** Problems of the harness itself that spoil the exit code (leftovers, unreadable record). */
  readonly harnessProblems: readonly string[];
  readonly suiteTimes: ReadonlyMap<string, { readonly startMs: number; readonly durationMs: number }>;
  readonly services: RunRecord['services'];
  readonly faults: RunRecord['faults'];
  readonly series: RunRecord['series'];
  readonly distributions: RunRecord['distributions'];
  readonly events: RunRecord['events'];
  readonly environmentFacts: Readonly<Record<string, string>>;
  readonly overhead: Readonly<Record<string, number>>;
}

/** Exit code of a run whose own machinery failed although a verdict was reached. */
const INTERNAL = 70;

/** Judges what was reported against the plan and builds the record. Pure but for the machine's description. */
export function buildRecord(plan: RunPlan, reported: ReadonlyMap<string, Reported>, facts: RunFacts): RunRecord {
  const complete = reconcile(plan.criteria, reported);
  const results = plan.criteria.map((criterion) => evaluate(criterion, complete.get(criterion.id) ?? neverReported(criterion)));
  const decision = aggregate(plan.criteria, results);
  return {
    schemaVersion: SCHEMA_VERSION,
    run: {
      id: plan.runId,
      startedAt: facts.startedAt.toISOString(),
      durationMs: Math.round(facts.durationMs),
      seed: plan.seed,
      profile: plan.profile,
      provider: facts.provider,
      command: facts.command,
      musterVersion: facts.musterVersion,
      complete: facts.complete,
    },
    target: { name: plan.target.name },
    subject: plan.target.subject,
    verdict: decision.verdict,
    exitCode: exitCodeOf(decision.exitCode, facts),
    reason: [selectionNote(plan), reasonOf(decision.reason, facts)].join(' ').trim(),
    score: decision.score,
    criteria: plan.criteria.map((criterion, index) => criterionRow(plan, criterion, results[index] as CriterionResult, complete.get(criterion.id))),
    suites: suiteRows(plan, reported, facts),
    services: facts.services,
    faults: facts.faults,
    series: facts.series,
    distributions: facts.distributions,
    events: facts.events,
    claims: plan.target.claims,
    environment: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpus: cpus().length,
      memoryMb: Math.round(totalmem() / 2 ** 20),
      providerReason: facts.providerReason,
      configDigest: facts.configDigest,
      facts: facts.environmentFacts,
    },
    baseline: null,
    signoffs: [],
    plan: planFor(decision.verdict, results, plan.criteria),
    overhead: facts.overhead,
  };
}

/** A run of some suites never looks like a run of all. */
function selectionNote(plan: RunPlan): string {
  if (plan.selected.length === plan.criteria.length) return '';
  return `Only ${plan.suites.join(', ')} ran: ${plan.selected.length} of ${plan.criteria.length} criteria.`;
}

function exitCodeOf(verdictCode: number, facts: RunFacts): number {
  if (facts.interruption !== null) return facts.interruption.exitCode;
  return facts.harnessProblems.length > 0 ? INTERNAL : verdictCode;
}

function reasonOf(reason: string, facts: RunFacts): string {
  const own = facts.harnessProblems.length > 0 ? [`Muster itself failed: ${facts.harnessProblems.join('; ')}.`] : [];
  const cut = facts.interruption === null ? [] : [`The run was cut short: ${facts.interruption.message}.`];
  return [...cut, ...own, reason].join(' ');
}

function neverReported(criterion: Criterion): Reported {
  return { absence: { criterion: criterion.id, kind: 'not-run', reason: 'declared but never reported', blockedBy: null } };
}

export function criterionRow(plan: RunPlan, criterion: Criterion, result: CriterionResult, reported: Reported | undefined): RecordCriterion {
  const measurement = reported !== undefined && 'measurement' in reported ? reported.measurement : null;
  return {
    id: criterion.id,
    suite: criterion.suite,
    severity: criterion.severity,
    claim: criterion.claim,
    state: result.state,
    effect: result.effect,
    pass: criterion.pass?.text ?? (criterion.kind === 'count' ? 'none' : 'every attempt'),
    nogo: criterion.nogo?.text ?? null,
    value: result.value,
    unit: criterion.unit,
    samples: result.samples,
    interval: result.interval,
    evidence: measurement?.evidence ?? null,
    reason: result.reason,
    blockedBy: result.blockedBy,
    flaky: result.flaky,
    waiver: null,
    owner: criterion.owner,
    hint: criterion.hint,
    witnesses: measurement?.witnesses ?? [],
    window: measurement?.window ?? null,
    reproduce: `muster validate --suite ${[...new Set(['preflight', criterion.suite])].join(',')} --profile ${plan.profile} --seed ${plan.seed}`,
  };
}

function suiteRows(plan: RunPlan, reported: ReadonlyMap<string, Reported>, facts: RunFacts): readonly RecordSuite[] {
  return plan.suites.map((name) => {
    const planned = plan.criteria.filter((criterion) => criterion.suite === name && criterion.notApplicable === null);
    const times = facts.suiteTimes.get(name);
    return {
      name,
      planned: planned.length,
      reported: planned.filter(({ id }) => 'measurement' in (reported.get(id) ?? {})).length,
      startMs: times?.startMs ?? null,
      durationMs: Math.round(times?.durationMs ?? 0),
    };
  });
}
