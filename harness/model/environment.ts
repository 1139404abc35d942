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
  /** What this provider cannot do, and why in a full sentence; a criterion that needs it is NOT_RUN with that reason. */
  readonly cannot: Incapacities;
  /** Whether what answers at the service's address is what was started: asked of the kernel or the engine, not of the service. */
  addressProof(service: string): Promise<AddressProof>;
  /**
   * Whether what carries the services (a container engine, the keeper of a stack) is still there; one that is not has been told of by
   * then. Asked before anything that was measured is believed.
   */
  stillCarried(): Promise<boolean>;
  /** What the engine says the service's container uses; null when there is no container: its processes are read then. */
  reading(service: string): Promise<ResourceReading | null>;
  /** What is still there after disposal: empty when all is clean. */
  audit(): Promise<readonly string[]>;
}

/**
 * `process-faults`: stop, kill and start services. `process-watch`: hear of exits. `admin`: a way into the stores beside the service's
 * own role. `logs`: read what services write. `address-proof`: say who holds an address. `resources`: read CPU, memory, descriptors.
 * `processes`: know all processes of the target, also of services it does not declare.
 */
export type Capability = 'process-faults' | 'process-watch' | 'admin' | 'logs' | 'address-proof' | 'resources' | 'processes';

/** A reason per capability; `admin:<service>` says why there is no way into that one store. */
export type Incapacities = Readonly<Partial<Record<Capability | `admin:${string}`, string>>>;

export interface AddressProof {
  /** null: it cannot be told. */
  readonly ok: boolean | null;
  /** What was seen, in words. */
  readonly seen: string;
}

export interface ResourceReading {
  /** CLOCK_MONOTONIC milliseconds. */
  readonly atMs: number;
  /** CPU time used by the container since it was started. */
  readonly cpuMs: number;
  /** Memory in use without the page cache. */
  readonly memoryBytes: number;
  /** null: no limit. */
  readonly memoryLimitBytes: number | null;
  readonly processes: number;
}

export interface RunningService {
  readonly name: string;
  readonly kind: 'postgres' | 'redis' | 'http';
  /**
   * `http://127.0.0.1:port`, `postgres://…`, `redis://…` with the role of the target's own services, as the harness reaches it. Services in
   * containers are given another address for the same thing.
   */
  readonly url: string;
  /** The harness's own way in: postgres superuser / redis without restrictions; null when there is none. Same as `url` for http. */
  readonly adminUrl: string | null;
  readonly port: number;
  readonly version: string | null;
  readonly readyMs: number | null;
  readonly running: boolean;
  /** Root process on this host; changes with every start. null while stopped, and when it is not visible from here. */
  readonly pid: number | null;
  /** Id of its container; changes when it is made anew. null without an engine. */
  readonly container: string | null;
  readonly restarts: number;
  /**
   * Facts known from having started it, which the running server must confirm: `systemIdentifier`, `clusterName`, `postmasterStart` (Postgres),
   * `runId` (Redis). One that is absent is not asked for.
   */
  readonly identity: Readonly<Record<string, string>>;
  /** `host:port` of what counts the reads of the target's services on their way; absent: nothing does. */
  readonly tap?: string | undefined;
}

export interface FaultProof {
  /** CLOCK_MONOTONIC milliseconds (`performance.timeOrigin`-free: `process.hrtime`), comparable across processes. */
  readonly atMonotonicMs: number;
  readonly proof: string;
}

export interface ServiceExit {
  readonly service: string;
  /** null when it is not visible from here: in a container of an engine elsewhere. */
  readonly pid: number | null;
  readonly code: number | null;
  readonly signal: string | null;
  /** What is known beyond code and signal, as a clause: `was killed for lack of memory (limit 64 MiB)`. */
  readonly cause?: string;
  readonly logTail: readonly string[];
}
