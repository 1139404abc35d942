import type { LiveWindow, LoadPlan, Shard, ShardReport, ShardSnapshot } from '../load/index.ts';
import type { Target } from '../model/target.ts';

/** Everything a worker must know to do its share. Plain data; `target` and `urls` may hold secrets. */
export interface LoadTask {
  readonly plan: LoadPlan;
  readonly shard: Shard;
  readonly target: Target;
  /** Base URL by service. */
  readonly urls: Readonly<Record<string, string>>;
  /** The harness's own ways into stores, by service. */
  readonly adminUrls: Readonly<Record<string, string>>;
  readonly allowedHosts: readonly string[];
  /** CLOCK_MONOTONIC of this worker's machine; at once when absent. */
  readonly startAtMs?: number;
  /** Whether the generator is measured against the null server before and after the load; true when absent. */
  readonly calibrate?: boolean;
}

export interface TaskHooks {
  readonly signal?: AbortSignal;
  readonly onWindow?: (live: LiveWindow) => void;
  /** Each second, and once at the end. */
  readonly onSnapshot?: (snapshot: ShardSnapshot) => void;
  /** Once per load: how late (ms) its first arrival was sent against the agreed start; see `notingFirstSend`. */
  readonly onFirstSend?: (lateMs: number) => void;
  /** How far the opening of the agents' sessions is; about every 500 ms, and once at its end. */
  readonly onOpening?: (progress: OpeningProgress) => void;
}

export interface OpeningProgress {
  readonly opened: number;
  /** Could not be opened; tried again when one of their arrivals is due. */
  readonly failed: number;
  readonly of: number;
}

/** Sessions are open, the generator is calibrated: the load can begin at an agreed instant. */
export interface PreparedTask {
  /** @param startAtMs replaces the task's; CLOCK_MONOTONIC of this worker's machine. */
  run(startAtMs?: number): Promise<ShardReport>;
}

/**
 * Does loads in this process, one after the other. Connections, sessions and pools stay open between loads as long as target, addresses,
 * mix and agents are the same; disposal closes them within a second, also when the target does not answer.
 */
export interface TaskRunner extends AsyncDisposable {
  /**
   * Opens what the agents need and calibrates, which takes seconds; resolves when `run` may be called. What the target does meanwhile is
   * data: sessions that did not open are tried again by their arrivals.
   * @throws MissingBinding for what the target does not bind, MusterError for a plan that cannot be run.
   */
  prepare(task: LoadTask, hooks?: TaskHooks): Promise<PreparedTask>;
}
