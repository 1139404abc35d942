import type { Criterion, Profile } from '../model/criterion.ts';
import type { AddressProof, FaultProof, Incapacities, ResourceReading, RunningService } from '../model/environment.ts';
import type { Absence, Measurement } from '../model/measurement.ts';
import type { LoadPlan } from '../load/index.ts';
import type { RecordDistribution, RecordSeries } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import type { Made } from './footprint-book.ts';
import type { PackedLoad } from './load-transfer.ts';

/** Environment variable that carries the control socket's path to the runner and its workers. */
export const CONTROL_SOCKET_ENV = 'MUSTER_CONTROL';

/** What a suite worker must know before it runs its first check. */
export interface Briefing {
  readonly runId: string;
  readonly target: Target;
  readonly services: readonly RunningService[];
  /** What the provider cannot do, with its reasons. */
  readonly cannot: Incapacities;
  /** Hosts besides loopback that may be talked to. */
  readonly allowedHosts: readonly string[];
  readonly profile: Profile;
  readonly seed: number;
  /** Monotonic milliseconds at the start of the run: zero of every window. */
  readonly startMonotonicMs: number;
  /** What the plan declares; other checks in the files are not run. */
  readonly criteria: readonly Criterion[];
  /** Every id that may be used at all; anything else in a suite file is an error. */
  readonly knownIds: readonly string[];
}

/** Answer to "may this check run?"; when not, the supervisor has recorded why. */
export interface Permission {
  readonly run: boolean;
}

export interface ActiveFault {
  readonly faultId: string;
  readonly injected: FaultProof;
}

/** Served by the supervisor to the suite workers. */
export interface SupervisorApi {
  briefing(): Promise<Briefing>;
  services(): Promise<readonly RunningService[]>;
  logTail(service: string, lines: number): Promise<readonly string[]>;
  addressProof(service: string): Promise<AddressProof>;
  reading(service: string): Promise<ResourceReading | null>;
  checkStarted(criterion: string): Promise<Permission>;
  measured(measurement: Measurement): Promise<void>;
  absent(absence: Absence): Promise<void>;
  /** Breaks something on purpose. The supervisor heals it after `maxMs` even if nobody asks. */
  injectFault(fault: string, service: string, maxMs: number): Promise<ActiveFault>;
  healFault(faultId: string): Promise<FaultProof>;
  publishDistribution(distribution: RecordDistribution): Promise<void>;
  publishSeries(series: RecordSeries): Promise<void>;
  /** Runs a load in the load workers and records it. `id` is any that no other load of the caller has. */
  runLoad(id: string, plan: LoadPlan): Promise<PackedLoad>;
  /** Waits until it is agreed when its first arrival is due: offset 0 on CLOCK_MONOTONIC. null when it ended before, or is not known. */
  loadStarted(id: string): Promise<number | null>;
  /** Ends it; `runLoad` then resolves with what was measured. Does nothing when it is over. */
  abortLoad(id: string): Promise<void>;
  /** Adds to what the run has made at a target that outlives it. */
  made(made: Made): Promise<void>;
  publishLoad(suite: string, sentPerSecond: number, p95Ms: number | null): Promise<void>;
  /** Called once by the vitest process, with its pid, when it is ready to run phases. */
  runnerReady(pid: number): Promise<void>;
}

/** Outcome of one phase as vitest saw it; the measurements themselves arrive through `measured`. */
export interface PhaseOutcome {
  readonly files: number;
  /** Errors that belong to no check: import errors, unhandled rejections. */
  readonly errors: readonly string[];
}

/** Served by the vitest process to the supervisor. */
export interface RunnerApi {
  runPhase(suite: string): Promise<PhaseOutcome>;
  shutdown(): Promise<void>;
}
