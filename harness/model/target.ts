import type { StateBindings } from './bindings/state.ts';
import type { WorkBindings } from './bindings/work.ts';
import type { ApiBindings } from './bindings/api.ts';
import type { ListsBindings } from './bindings/lists.ts';
import type { TenantsBindings } from './bindings/tenants.ts';
import type { PoolBindings } from './bindings/pool.ts';
import type { CacheBindings } from './bindings/cache.ts';
import type { ResponseClass, Stage } from './budgets.ts';
import type { EconomyBinding } from './economy.ts';

/** The resolved target: what is assessed, how to start it, how abstract actions are done on it. Plain data, serialisable. */
export interface Target {
  readonly name: string;
  readonly subject: { readonly version: string | null; readonly commit: string | null };
  readonly services: readonly TargetService[];
  /** The compose file that describes the stack; null: the provider compose cannot run it. */
  readonly compose: ComposeFiles | null;
  readonly bindings: Bindings;
  readonly stores: TargetStores;
  readonly workload: Workload;
  readonly claims: readonly { readonly text: string; readonly value: number | null; readonly source: string | null }[];
}

export interface ComposeFiles {
  /** Absolute, in the order compose merges them. Never edited. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
}

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

/** One HTTP request template. `${name}` in path, body and headers is filled from the call's variables. */
export interface HttpTemplate {
  readonly method: string;
  readonly path: string;
  /** Service it is sent to. */
  readonly service: string;
  readonly body: JsonTemplate | null;
  readonly headers: Readonly<Record<string, string>>;
}

export type JsonTemplate = string | number | boolean | null | readonly JsonTemplate[] | { readonly [key: string]: JsonTemplate };

/** Expression over a JSON answer: a dotted path (`usage.total`), or `path == literal`, `!=`, `<`, `>`, `<=`, `>=`. */
export type Expression = string;

/** How abstract actions are done on this target. What is not bound makes the checks that need it NOT_RUN. */
export interface Bindings extends StateBindings, WorkBindings, ApiBindings, ListsBindings, TenantsBindings, PoolBindings, CacheBindings {
  /** One unit of agent work. Variables: `text`, `cache` (true/false), `agent`, `op` (unique id). */
  readonly execute?: ExecuteBinding;
  /** Long-running work: create, poll until an end state. Variables: `op`, `kind`, `id`. */
  readonly operation?: OperationBinding;
  /** An append-only register for the history checks. Variables: `key`, `value`. */
  readonly register?: RegisterBinding;
  /** An object with a status machine. Variables: `name`, `id`, `to`. */
  readonly transitions?: TransitionsBinding;
  /** Push events over WebSocket that follow `register.append`. Variables: `key`. */
  readonly events?: EventsBinding;
  /** MCP or JSON-RPC over WebSocket. Variables: `agent`. */
  readonly mcp?: McpBinding;
  /** An independent counter of the tokens an `execute` used. Variables: `id` (from execute). */
  readonly meter?: MeterBinding;
  /** A Redis stream of messages with a consumer group. Variables: `agent`, `value`. */
  readonly stream?: StreamBinding;
  /** Health that names its dependencies. */
  readonly health?: HealthBinding;
  /** One request per class of response that the target knows. Variables: `text`, `cache`. */
  readonly classes?: ClassesBinding;
  /** What saves tokens, and against what that is measured. */
  readonly economy?: EconomyBinding;
}

export interface ExecuteBinding {
  readonly http: HttpTemplate;
  readonly outcome: {
    readonly ok: Expression;
    readonly degraded?: Expression;
    readonly tokens?: Expression;
    /** Tokens the same work would have cost without the target's optimisations. */
    readonly baseline?: Expression;
    readonly cacheHit?: Expression;
    readonly id?: Expression;
    /** The answer must contain the request's `text` here (crosstalk check). */
    readonly echo?: Expression;
    /** Where the answer says how long its parts took. */
    readonly stages?: Readonly<Partial<Record<Stage, StageRule>>>;
  };
}

/** A time (ms) that the target tells of itself. */
export interface StageRule {
  readonly ms: Expression;
  /**
   * What to ask for to get an execution of this kind, with `${text}` in it: `ms` is then the time of the whole execution. null: `ms` is one
   * part of any execution, and the parts add up.
   */
  readonly text: string | null;
}

export interface OperationBinding {
  readonly create: HttpTemplate;
  readonly poll: HttpTemplate;
  readonly id: Expression;
  readonly state: Expression;
  readonly end: readonly string[];
  readonly success: readonly string[];
  /** Operation types to try, each as variable `kind`. */
  readonly kinds: readonly string[];
  /** SQL that counts the rows an ended operation leaves behind; `$1` is the operation id. Second witness. */
  readonly effect?: string;
}

export interface RegisterBinding {
  /** Makes a key; without it keys are free-form strings. */
  readonly create?: { readonly http: HttpTemplate; readonly key: Expression };
  readonly append: HttpTemplate;
  readonly read: {
    readonly http: HttpTemplate;
    readonly items: Expression;
    readonly value: Expression;
    /** How old what is shown may be, as the target declares it; absent: a read shows everything that was acknowledged before it began. */
    readonly stalenessMs?: number;
  };
  /** SQL that returns one row per stored value (column `value`) of key `$1`. Second witness. */
  readonly stored?: string;
}

export interface TransitionsBinding {
  readonly create: { readonly http: HttpTemplate; readonly id: Expression };
  readonly read: { readonly http: HttpTemplate; readonly state: Expression };
  readonly move: HttpTemplate;
  /** HTTP statuses that mean "refused". */
  readonly refused: readonly number[];
  /** State → states it may move to. Same-to-same moves are listed if legal. */
  readonly table: Readonly<Record<string, readonly string[]>>;
}

export interface EventsBinding {
  readonly ws: WsTemplate;
  /** Field that names the event's type, and the type that follows `register.append`. */
  readonly type: Expression;
  readonly appended: string;
  /** Field that carries the register's key, and the one that carries the appended value. */
  readonly key: Expression;
  readonly value: Expression;
}

export interface WsTemplate {
  readonly path: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface McpBinding {
  readonly ws: WsTemplate;
  /** Expression that the first frame satisfies; null when the server does not speak first. */
  readonly welcome: Expression | null;
  /** A request whose answer must echo `${canary}`: method, params template, and where in the answer's `result` the canary comes back. */
  readonly call: { readonly method: string; readonly params: JsonTemplate; readonly echo: Expression };
}

export interface MeterBinding {
  readonly http: HttpTemplate;
  readonly tokens: Expression;
  /** The parts of `tokens`: sent to the model, and answered by it. */
  readonly prompt?: Expression;
  readonly completion?: Expression;
}

export interface StreamBinding {
  /** Appends one message over HTTP. */
  readonly add: HttpTemplate;
  /** SQL that returns one row per processed message (column `value`) for agent `$1`. */
  readonly processed: string;
  /** Redis key of the stream; `${agent}` is filled in. */
  readonly key: string;
  readonly group: string;
}

export interface HealthBinding {
  readonly http: HttpTemplate;
  /** Expression that holds when everything is well, e.g. `status == healthy`. */
  readonly healthy: Expression;
}

export type ClassesBinding = Readonly<Partial<Record<ResponseClass, ClassRule>>>;

export interface ClassRule {
  readonly http: HttpTemplate;
  /** Expression that holds when the answer is the one that was meant. */
  readonly ok: Expression;
}

export interface TargetStores {
  readonly tables: readonly string[];
  readonly migrations: { readonly head: string; readonly expect: string } | null;
}

export interface Workload {
  readonly agents: number;
  readonly ratePerSecond: number;
  /** Distinct request texts the mix draws from; small means cache-friendly. */
  readonly distinctTexts: number;
  /** Kind of work (`MIX_BINDINGS`) → weight, all above 0; null: `execute` alone. */
  readonly mix: Readonly<Record<string, number>> | null;
  /** How long the load of the profile soak lasts. */
  readonly soakMs: number;
}
