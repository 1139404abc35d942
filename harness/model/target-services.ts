import type { TlsSettings } from './tls.ts';

export type TargetService = PostgresService | RedisService | HttpService;

interface ServiceBase {
  readonly name: string;
  /** A critical service that exits or never gets ready fails the run. */
  readonly critical: boolean;
  readonly dependsOn: readonly string[];
}

/** How a service is run in a container, or where it is when somebody else runs it. */
interface Placement {
  /** Image to run; null: the default of the kind, or what `build` makes. */
  readonly image: string | null;
  /** Name of the service in the compose file; null: the same name. */
  readonly composeService: string | null;
  readonly resources: ResourceLimits;
}

export interface ResourceLimits {
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
}

/** Addresses of a store that Muster does not start, or starts without choosing its passwords (compose). May hold `${secret}` and `${env.…}`. */
interface StoreAddress {
  /** With the role of the target's own services. */
  readonly url: string | null;
  /** The harness's own way in; null: none, or what the compose file says. */
  readonly adminUrl: string | null;
}

export interface PostgresService extends ServiceBase, Placement, StoreAddress {
  readonly kind: 'postgres';
  /** `>=15`, or null when any version will do. */
  readonly version: string | null;
  readonly extensions: readonly string[];
  readonly database: string;
  /** Most connections the service may hold (criterion `database.connections.peak`). */
  readonly poolMax: number | null;
}

export interface RedisService extends ServiceBase, Placement, StoreAddress {
  readonly kind: 'redis';
  readonly version: string | null;
  /** Bytes; null leaves the server's default. */
  readonly maxmemoryBytes: number | null;
  readonly policy: string | null;
  readonly db: number;
  /** Counts what the services' reads find, key by key, where the provider can stand in between (local). */
  readonly tap?: boolean;
}

/** An image made from a Dockerfile. */
export interface ImageBuild {
  /** Absolute folder that is sent to the engine. */
  readonly context: string;
  /** Relative to `context`. */
  readonly dockerfile: string;
  /** Stage to stop at; null: the last. */
  readonly stage: string | null;
  readonly args: Readonly<Record<string, string>>;
}

export interface HttpService extends ServiceBase, Placement {
  readonly kind: 'http';
  /** Where it is when somebody else runs it (provider external). */
  readonly url: string | null;
  /** For a `url` with https; absent: what Node does by itself. */
  readonly tls?: TlsSettings;
  /** null: `image` is there already, or pulled. */
  readonly build: ImageBuild | null;
  /** Replaces the image's own command; placeholders as in `command`. null: the image's own. */
  readonly containerCommand: readonly string[] | null;
  /** Port it listens on inside its container; null: the only one that the image exposes, or the compose file names. */
  readonly containerPort: number | null;
  /** Argument vector; `${port}`, `${host}`, `${postgres.url}`, `${redis.url}`, `${<service>.url}` are filled in at start. Empty: local cannot run it. */
  readonly command: readonly string[];
  /** Working directory, absolute. */
  readonly cwd: string;
  /** null: a free port is chosen. */
  readonly port: number | null;
  /** Values may hold the same placeholders as `command`. `PORT` and `HOST` are always set. */
  readonly env: Readonly<Record<string, string>>;
  readonly health: HealthProbe | null;
  readonly ready: HealthProbe & { readonly withinMs: number };
}

export interface HealthProbe {
  readonly path: string;
  /** Dotted path in the JSON body → expected value; every entry must hold. */
  readonly expect: Readonly<Record<string, string | number | boolean>>;
}
