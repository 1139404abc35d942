import type { Environment } from '../model/environment.ts';
import type { Allowances, RunPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import type { Env } from './binaries.ts';
import type { StartFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';

export type StartedEnvironment = Environment & {
  /** Services of the target that did not start, and those that depend on them: findings, not errors. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
};

export interface StartOptions {
  readonly runId: string;
  /** Made by `createRunDir`; removed on disposal. */
  readonly runDir: string;
  readonly target: Target;
  readonly allow: Allowances;
  /** Aborting it ends the start and everything started so far. */
  readonly signal: AbortSignal;
  readonly ledger: Ledger;
  /** The caller's environment. */
  readonly env: Env;
  readonly onProgress: (text: string, service: string) => void;
  /**
   * To be called when what carries the services (the container engine) is gone: nothing that is measured from then on says anything
   * about the target.
   */
  readonly onLost: (reason: string) => void;
}

/** One way in which an environment comes to life. A new one is a file of its own and a row in `providers.ts`. */
export interface Provider {
  /**
   * Whether `auto` may take it for this target on this machine. Never makes, pulls or starts anything. The reason is a clause that
   * follows "because": `no engine answers at unix:///var/run/docker.sock (ENOENT)`.
   */
  suits(options: Pick<StartOptions, 'target' | 'env'>): Promise<{ readonly suits: boolean; readonly reason: string }>;
  /**
   * Starts everything of the target, in parallel as far as `dependsOn` allows. Dispose of the result. When it rejects, everything is
   * already cleaned up.
   * @throws MusterError for what is not the target's fault; the signal's reason when it aborts.
   */
  start(options: StartOptions): Promise<StartedEnvironment>;
}

export type ProviderName = Exclude<RunPlan['provider'], 'auto'>;
