import type { EvidenceClass, Witness } from './measurement.ts';
import type { CriterionState, Effect, Severity, Verdict } from './state.ts';
import type { Unit } from './threshold.ts';

/** Bump the major number when a field changes its meaning; adding fields is not breaking. */
export const SCHEMA_VERSION = 1;

export interface RecordCriterion {
  readonly id: string;
  readonly suite: string;
  readonly severity: Severity;
  readonly claim: string;
  readonly state: CriterionState;
  readonly effect: Effect;
  /** As written: `< 250ms`; for boolean and count criteria a phrase (`all attempts`, `none`). */
  readonly pass: string;
  readonly nogo: string | null;
  readonly value: number | null;
  readonly unit: Unit | null;
  readonly samples: number;
  readonly interval: readonly [number, number] | null;
  readonly evidence: EvidenceClass | null;
  readonly reason: string;
  readonly blockedBy: string | null;
  readonly flaky: boolean;
  readonly waiver: null;
  readonly owner: string;
  readonly hint: string;
  readonly witnesses: readonly Witness[];
  /** Milliseconds since run start; null when nothing was measured. */
  readonly window: { readonly startMs: number; readonly endMs: number } | null;
  /** Command that repeats just this check. */
  readonly reproduce: string;
}

export interface RecordSuite {
  readonly name: string;
  readonly planned: number;
  /** Criteria for which a measurement arrived (not absences). */
  readonly reported: number;
  readonly startMs: number | null;
  readonly durationMs: number;
}

export interface RecordService {
  readonly name: string;
  readonly kind: 'postgres' | 'redis' | 'http';
  readonly critical: boolean;
  readonly url: string | null;
  readonly version: string | null;
  readonly pid: number | null;
  readonly state: 'running' | 'stopped' | 'exited' | 'never-ready';
  /** Time from start to the first good readiness probe. */
  readonly readyMs: number | null;
  readonly restarts: number;
  /** Last lines of its log, control characters stripped, secrets redacted. */
  readonly logTail: readonly string[];
}

/** A fault that was in force, with proof; times in ms since run start. */
export interface RecordFault {
  readonly id: string;
  readonly service: string;
  readonly kind: string;
  readonly injectedAtMs: number;
  readonly healedAtMs: number | null;
  readonly proof: string;
}

/** One plotted line: x in ms since run start, y in `unit`. */
export interface RecordSeries {
  readonly id: string;
  readonly suite: string;
  readonly label: string;
  readonly unit: string;
  readonly points: readonly (readonly [number, number])[];
}

/** Latency distribution of one load run: `[quantile 0..1, milliseconds]`, ascending. */
export interface RecordDistribution {
  readonly id: string;
  readonly suite: string;
  readonly label: string;
  readonly count: number;
  readonly quantiles: readonly (readonly [number, number])[];
  /** The criterion bounds drawn into the plot: `{ q: 0.95, limitMs: 250 }`. */
  readonly marks: readonly { readonly q: number; readonly limitMs: number; readonly criterion: string }[];
}

/** Something that happened once, for the timeline: service exit, phase start, fault … */
export interface RecordEvent {
  readonly atMs: number;
  readonly kind: 'phase' | 'service' | 'fault' | 'harness' | 'signal';
  readonly text: string;
}

/** The finished run: the only input of every renderer, stored as `report.json`. Absent values are null, never missing. */
export interface RunRecord {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly run: {
    readonly id: string;
    /** ISO 8601, UTC. */
    readonly startedAt: string;
    readonly durationMs: number;
    readonly seed: number;
    readonly profile: string;
    readonly provider: string;
    readonly command: string;
    readonly musterVersion: string;
    /** false: the run was cut short (signal, deadline, kill) and the record is partial. */
    readonly complete: boolean;
  };
  readonly target: { readonly name: string };
  readonly subject: { readonly version: string | null; readonly commit: string | null };
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** The rule that decided, in one sentence. */
  readonly reason: string;
  readonly score: { readonly low: number; readonly high: number; readonly coverage: number; readonly formula: string };
  readonly criteria: readonly RecordCriterion[];
  readonly suites: readonly RecordSuite[];
  readonly services: readonly RecordService[];
  readonly faults: readonly RecordFault[];
  readonly series: readonly RecordSeries[];
  readonly distributions: readonly RecordDistribution[];
  readonly events: readonly RecordEvent[];
  readonly claims: readonly { readonly text: string; readonly value: number | null; readonly source: string | null }[];
  readonly environment: {
    readonly node: string;
    readonly platform: string;
    readonly cpus: number;
    readonly memoryMb: number;
    readonly providerReason: string;
    /** Config digest (sha256 of the resolved config, secrets excluded). */
    readonly configDigest: string;
    /** Name → value of further facts: postgres version, pgvector version, load average … */
    readonly facts: Readonly<Record<string, string>>;
  };
  readonly baseline: null;
  readonly signoffs: readonly [];
  /** What to do next for this verdict, in order. */
  readonly plan: readonly string[];
  /** Time of the run that was not spent measuring, by what it was spent on (ms). */
  readonly overhead: Readonly<Record<string, number>>;
}
