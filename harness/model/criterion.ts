import type { Capability } from './environment.ts';
import type { ObservationKind } from './measurement.ts';
import type { CriterionState, Effect, Severity } from './state.ts';
import type { Threshold, Unit } from './threshold.ts';

/** A row of the table of declared checks: what Muster claims to find out, with the default bounds. */
export interface CheckDeclaration {
  /** `suite.subject.measure`, stable for ever. */
  readonly id: string;
  readonly suite: string;
  readonly severity: Severity;
  /** The claim in the reader's words: "every acknowledged write is there after Postgres comes back". */
  readonly claim: string;
  readonly kind: ObservationKind;
  /** Unit of the value; null for boolean. */
  readonly unit: Unit | null;
  /** Text in the threshold grammar; null for boolean (all attempts pass) and count (zero tolerance). */
  readonly pass: string | null;
  readonly nogo: string | null;
  /** Fewest trials/samples that can prove the target; `auto` derives it from kind, target and confidence. */
  readonly minSamples: number | 'auto';
  /** Bindings (`execute`, `events` …) and stores (`postgres`, `redis`) without which the check is NOT_RUN. */
  readonly requires: readonly string[];
  /** What the provider must be able to do; without it the check is NOT_RUN with the provider's reason. Absent: nothing beyond addresses. */
  readonly needs?: readonly Need[];
  /** Criteria that, when VIOLATED, make this one NOT_RUN(blocked by …). */
  readonly dependsOn: readonly string[];
  /** Profiles in which the check runs; in others it is not declared at all. */
  readonly profiles: readonly Profile[];
  readonly owner: string;
  /** What to do when it is red. */
  readonly hint: string;
  readonly weight: number;
}

export interface Need {
  readonly capability: Capability;
  /** With `admin`: the kind of store it is the way into; absent: every store of the target. */
  readonly of?: 'postgres' | 'redis';
  /** Binding without which it is not needed (`register.stored`). */
  readonly when?: string;
}

export const PROFILES = ['quick', 'full', 'soak'] as const;
export type Profile = (typeof PROFILES)[number];

/** A declaration after the config's overrides: parsed, frozen, ready to be judged. */
export interface Criterion extends Omit<CheckDeclaration, 'pass' | 'nogo' | 'profiles'> {
  readonly pass: Threshold | null;
  readonly nogo: Threshold | null;
  /** One-sided confidence, 0.95 by default. */
  readonly confidence: number;
  /** Set only by a predicate written in the config: the criterion is NOT_APPLICABLE with this reason. */
  readonly notApplicable: string | null;
}

/** The judgement of one criterion. */
export interface CriterionResult {
  readonly id: string;
  readonly state: CriterionState;
  readonly effect: Effect;
  /** Point estimate in the criterion's base unit (fraction for %, ms for s); null when there is none. */
  readonly value: number | null;
  /** Two-sided display interval [low, high] at the criterion's confidence; null where the kind has none. */
  readonly interval: readonly [number, number] | null;
  readonly samples: number;
  /** One sentence: why this state. */
  readonly reason: string;
  /** Effective sample size divisor (≥ 1) used for the interval; 1 when not corrected. */
  readonly deff: number;
  readonly flaky: boolean;
  readonly blockedBy: string | null;
}
