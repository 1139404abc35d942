import type { RunPlan } from '../model/plan.ts';
import type { ProgressEvent } from '../model/progress.ts';
import type { RunRecord } from '../model/record.ts';
import type { SessionOpener } from './environment-session.ts';

export interface SupervisorOptions {
  readonly plan: RunPlan;
  readonly knownIds: readonly string[];
  readonly configDigest: string;
  /** Values that must not appear in anything that is written. */
  readonly secrets: ReadonlySet<string>;
  readonly musterVersion: string;
  /** Command line as typed, for the report. */
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Package root and the folder of the compiled suites relative to it. */
  readonly root: string;
  readonly suitesFolder: string;
  /** Monotonic milliseconds at which the command was given: the start of the run. */
  readonly commandAtMs: number;
  /** How the run gets its environment: one of its own, or a stack that stands already. */
  readonly openSession: SessionOpener;
  /** How many load workers on this machine, or the address of the Redis whose queue others have joined. */
  readonly loadWorkers: number | string;
  readonly onProgress: (event: ProgressEvent) => void;
  /** Writes the record in every format. Called at the start, after each suite and at the end. */
  readonly writeRecord: (record: RunRecord) => Promise<void>;
  /** Aborts with an `Interruption` at a signal or the deadline. */
  readonly signal: AbortSignal;
}
