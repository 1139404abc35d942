import { cpus, totalmem } from 'node:os';
import type { Reported } from '../model/measurement.ts';
import type { RunPlan } from '../model/plan.ts';
import { SCHEMA_VERSION, type RecordSuite, type RunRecord } from '../model/record.ts';
import { decide } from './decide.ts';
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
  readonly loads: RunRecord['loads'];
  readonly noise: RunRecord['noise'];
  readonly footprint: RunRecord['footprint'];
  readonly events: RunRecord['events'];
  readonly environmentFacts: Readonly<Record<string, string>>;
  readonly overhead: Readonly<Record<string, number>>;
}

/** Exit code of a run whose own machinery failed although a verdict was reached. */
const INTERNAL = 70;

/** Decides about what was reported and builds the record. Pure but for the machine's description. */
export function buildRecord(plan: RunPlan, reported: ReadonlyMap<string, Reported>, facts: RunFacts): RunRecord {
  const decided = decide(plan, reported);
  return {
    schemaVersion: SCHEMA_VERSION,
    run: runRow(plan, facts),
    target: { name: plan.target.name },
    subject: plan.target.subject,
    ...decided,
    exitCode: exitCodeOf(decided.exitCode, facts),
    reason: [selectionNote(plan), reasonOf(decided.reason, facts)].join(' ').trim(),
    suites: suiteRows(plan, reported, facts),
    services: facts.services,
    faults: facts.faults,
    series: facts.series,
    distributions: facts.distributions,
    loads: facts.loads,
    noise: facts.noise,
    footprint: facts.footprint,
    events: facts.events,
    claims: plan.target.claims,
    environment: environmentRow(facts),
    baseline: null,
    signoffs: [],
    overhead: facts.overhead,
  };
}

function runRow(plan: RunPlan, facts: RunFacts): RunRecord['run'] {
  return {
    id: plan.runId,
    startedAt: facts.startedAt.toISOString(),
    durationMs: Math.round(facts.durationMs),
    seed: plan.seed,
    profile: plan.profile,
    provider: facts.provider,
    command: facts.command,
    musterVersion: facts.musterVersion,
    complete: facts.complete,
  };
}

function environmentRow(facts: RunFacts): RunRecord['environment'] {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    providerReason: facts.providerReason,
    configDigest: facts.configDigest,
    facts: facts.environmentFacts,
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
