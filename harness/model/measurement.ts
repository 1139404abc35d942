import type { Unit } from './threshold.ts';

/**
 * How a value was got: `measured` on the running target, `inspected` in its configuration or catalogue,
 * `asserted` by somebody, `mock` from a stand-in. The last two never satisfy P0 or P1.
 */
export const EVIDENCE_CLASSES = ['measured', 'inspected', 'asserted', 'mock'] as const;
export type EvidenceClass = (typeof EVIDENCE_CLASSES)[number];

/** One independent source that saw the same fact: the response, the database, Redis, the event stream, a meter. */
export interface Witness {
  readonly source: string;
  readonly saw: string;
  /** What it saw as operations in time, when order is the point; a few, for drawing. */
  readonly timeline?: readonly TimelineBar[];
}

/** One operation in a timeline. Times are milliseconds on any clock: only their distances are shown. */
export interface TimelineBar {
  /** Who did it: bars of one lane are drawn on one line. */
  readonly lane: string;
  /** What was done and what came of it: `append 9`, `read 1 2 3`. */
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The outcome is not known: it may have taken effect later. */
  readonly open: boolean;
}

/** Beginning and end of each window on CLOCK_MONOTONIC: with them the windows in which others had the machine can be left out. */
export type WindowTimes = readonly (readonly [startMs: number, endMs: number])[];

/** What was observed, in the shape the statistics need. Times are milliseconds, ratios are counts, never percentages. */
export type Observation =
  /** Each attempt is positive evidence for or against the claim. No attempt at all is NOT_RUN. */
  | { readonly kind: 'boolean'; readonly attempts: readonly { readonly ok: boolean; readonly note: string }[] }
  /** Zero-tolerance count: `count` bad events in `trials` opportunities; `examples` are at most five sentences. */
  | { readonly kind: 'count'; readonly trials: number; readonly count: number; readonly examples: readonly string[] }
  /** `trials` counts what was scheduled, not what was answered. `windows` (≥ 20, in time order) give the dependence correction. */
  | {
      readonly kind: 'ratio';
      readonly successes: number;
      readonly trials: number;
      readonly windows?: readonly { readonly successes: number; readonly trials: number }[];
      readonly windowTimes?: WindowTimes;
      /** Failures for want of time (no answer while the caller waits, or turned away): with more of a machine they may have been none. */
      readonly late?: number;
    }
  /** Samples per time window, in time order; time-outs and unsent requests are in it with the time they cost. */
  | {
      readonly kind: 'quantile';
      readonly q: number;
      readonly unit: Unit;
      readonly windows: readonly (readonly number[])[];
      readonly windowTimes?: WindowTimes;
    }
  /** Mean of independent samples (an operation, a pair, a run). */
  | { readonly kind: 'mean'; readonly unit: Unit; readonly samples: readonly number[] }
  /** Achieved rate per window of one run, or per run. */
  | { readonly kind: 'rate'; readonly unit: Unit; readonly windows: readonly number[]; readonly windowTimes?: WindowTimes }
  /** A level read repeatedly, judged at its worst: peak connections, longest transaction. Deterministic: no interval. */
  | {
      readonly kind: 'level';
      readonly unit: Unit;
      readonly samples: readonly number[];
      readonly worst: 'max' | 'min';
      /** A share that was made of times, such as how much they vary: whoever takes the processors makes it worse. */
      readonly ofTimes?: true;
    };

export type ObservationKind = Observation['kind'];

/** What one check reports about its claim. */
export interface Measurement {
  readonly criterion: string;
  readonly observation: Observation;
  readonly evidence: EvidenceClass;
  readonly witnesses: readonly Witness[];
  /** Milliseconds since the start of the run (one clock for suites, faults and samples). */
  readonly window: { readonly startMs: number; readonly endMs: number };
  /** Set when a self-check proved that the harness, not the target, is at fault for this measurement: ERROR. */
  readonly harnessFault: string | null;
}

/** Why a declared criterion has no measurement. `blockedBy` names the criterion that failed first. */
export interface Absence {
  readonly criterion: string;
  readonly reason: string;
  readonly blockedBy: string | null;
  /** `error`: our own code is proven at fault (it crashed); `not-run`: it did not take place. */
  readonly kind: 'not-run' | 'error';
}

/** The complete evidence for one declared criterion: exactly one of the two. */
export type Reported = { readonly measurement: Measurement } | { readonly absence: Absence };
