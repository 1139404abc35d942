import type { Criterion, Profile } from './criterion.ts';
import type { Target } from './target.ts';

/** What the configuration permits beyond loopback. */
export interface Allowances {
  /** Host names besides loopback that may be talked to. */
  readonly hosts: readonly string[];
  /** Whether faults may be injected into what Muster did not start. */
  readonly faults: boolean;
}

/** Everything a run will do, known before anything is started. */
export interface RunPlan {
  readonly runId: string;
  readonly seed: number;
  readonly profile: Profile;
  readonly provider: 'auto' | 'local' | 'containers' | 'compose' | 'external';
  readonly target: Target;
  readonly allow: Allowances;
  /** Suites in the order they run. */
  readonly suites: readonly string[];
  /** Every declared criterion of the profile: what is left out by selection stays declared, and is NOT_RUN. */
  readonly criteria: readonly Criterion[];
  /** Ids of the criteria that are to be run. */
  readonly selected: readonly string[];
  /** Limit for the whole run. */
  readonly deadlineMs: number;
  /** Flags that find the same configuration and target again: part of every command to repeat something. */
  readonly sources: readonly string[];
  /** Absolute folder the reports are written to. */
  readonly outDir: string;
}
