import type { Footprint } from './footprint.ts';
import type { EvidenceClass, TimelineBar } from './measurement.ts';
import type { CriterionState, Effect, Severity, Verdict } from './state.ts';
import type { Unit } from './threshold.ts';

/** Bump the major number when a field changes its meaning; adding fields is not breaking. */
export const SCHEMA_VERSION = 1;

export interface RecordWitness {
  readonly source: string;
  readonly saw: string;
  readonly timeline: readonly TimelineBar[] | null;
}

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
  readonly witnesses: readonly RecordWitness[];
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

/** One load of a run: what was asked for, what came of it, and what the generator says of itself. Times in ms since run start. */
export interface RecordLoad {
  readonly id: string;
  readonly suite: string;
  readonly label: string;
  /** `constant 150/s for 17 s, even arrivals`. */
  readonly shape: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Cut off at the beginning, and in none of the figures. */
  readonly warmup: { readonly durationMs: number; readonly scheduled: number };
  readonly agents: number;
  /** Why it was ended before its time because it had already failed; null: it was not. */
  readonly stopped: string | null;
  readonly requestedPerSecond: number;
  readonly achievedPerSecond: number;
  readonly scheduled: number;
  readonly sent: number;
  readonly dropped: number;
  readonly unfinished: number;
  /** Outcome → how many; only those that occurred. */
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly operations: readonly RecordOperation[];
  readonly workers: readonly {
    readonly name: string;
    readonly share: number;
    readonly lost: string | null;
    readonly startErrorMs: number | null;
  }[];
  readonly generator: {
    /** The self-check's answer; the reasons when it is bad. */
    readonly ok: boolean;
    readonly reasons: readonly string[];
    readonly latenessP50Ms: number | null;
    readonly latenessP99Ms: number | null;
    /** Event-loop utilisation, 0..1; of several workers the highest. */
    readonly eventLoopUtilization: number;
    /** Share of one core, summed over the workers. */
    readonly cpuShare: number;
    readonly calibration: { readonly before: RecordCalibration; readonly after: RecordCalibration } | null;
  };
}

export interface RecordOperation {
  readonly name: string;
  readonly scheduled: number;
  readonly ok: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** The generator against the built-in null server: what of a latency is its own and the machine's. */
export interface RecordCalibration {
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly latenessP99Ms: number | null;
}

/** How much of the machine others than the run used while it ran; null where nobody can tell. */
export interface RecordNoise {
  /** Cores in use by others: mean over the run and in its worst second. */
  readonly foreignCoresMean: number;
  readonly foreignCoresPeak: number;
  /** Share of the run's time in which others kept the run from its processors. */
  readonly disturbedShare: number;
  /** Median and worst time (ms) the harness's own timer was late. */
  readonly timerLatenessP50Ms: number;
  readonly timerLatenessP99Ms: number;
  /** What the disk under the run's directory did; null: it was not to be seen. */
  readonly disk: RecordDisk | null;
}

export interface RecordDisk {
  /** Median and longest time (ms) until 4 KiB were safe on it. */
  readonly waitP50Ms: number;
  readonly waitMaxMs: number;
  /** Share of the run's time in which it let them wait for 50 ms or more although little was written to it. */
  readonly stalledShare: number;
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
  readonly loads: readonly RecordLoad[];
  readonly noise: RecordNoise | null;
  /** null: stores and services were made for the run and went with it. */
  readonly footprint: Footprint | null;
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
