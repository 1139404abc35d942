/** A started environment as the run and the faults see it. Every method rejects with a MusterError on our own failure. */
export interface Environment extends AsyncDisposable {
  readonly provider: string;
  /** Why this provider and these binaries were chosen. */
  readonly reason: string;
  readonly services: ReadonlyMap<string, RunningService>;
  /** Name → value of facts for the report: `postgres.version`, `pgvector.version`, `redis.version` … */
  readonly facts: Readonly<Record<string, string>>;
  /**
   * Stops a service and resolves when its port refuses connections (the returned proof says so).
   * @param how `stop`: its regular shutdown signal; `kill`: SIGKILL to the process tree.
   */
  stop(service: string, how: 'stop' | 'kill'): Promise<FaultProof>;
  /** Starts a stopped service on its old address and resolves when it is ready. */
  start(service: string): Promise<FaultProof>;
  /** Called once per unexpected exit of a service; not for exits caused by `stop`. */
  onUnexpectedExit(listener: (exit: ServiceExit) => void): void;
  /** Last `lines` lines of the service's log, sanitised. */
  logTail(service: string, lines: number): Promise<readonly string[]>;
  /** What is still there after disposal: empty when all is clean. */
  audit(): Promise<readonly string[]>;
}

export interface RunningService {
  readonly name: string;
  readonly kind: 'postgres' | 'redis' | 'http';
  /** `http://127.0.0.1:port`, `postgres://…`, `redis://…`: what the target's own services are given. */
  readonly url: string;
  /** The harness's own way in: postgres superuser / redis without restrictions. Same as `url` for http. */
  readonly adminUrl: string;
  readonly port: number;
  readonly version: string | null;
  readonly readyMs: number | null;
  /** Current root process; changes with every start. null while stopped. */
  readonly pid: number | null;
  readonly restarts: number;
  /** Facts known from having started it, which the running server must confirm (identity proof). */
  readonly identity: Readonly<Record<string, string>>;
}

export interface FaultProof {
  /** CLOCK_MONOTONIC milliseconds (`performance.timeOrigin`-free: `process.hrtime`), comparable across processes. */
  readonly atMonotonicMs: number;
  readonly proof: string;
}

export interface ServiceExit {
  readonly service: string;
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly logTail: readonly string[];
}
