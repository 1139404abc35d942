import type { StateBindings } from './bindings/state.ts';
import type { WorkBindings } from './bindings/work.ts';
import type { ApiBindings } from './bindings/api.ts';
import type { ListsBindings } from './bindings/lists.ts';
import type { TenantsBindings } from './bindings/tenants.ts';
import type { VectorBindings } from './bindings/vector.ts';
import type { PoolBindings } from './bindings/pool.ts';
import type { CacheBindings } from './bindings/cache.ts';
import type { ValuesBindings } from './bindings/values.ts';
import type { WorkspaceBindings } from './bindings/workspace.ts';
import type { EventsBinding, OperationBinding } from './bindings/operation.ts';
import type { ResponseClass, Stage } from './budgets.ts';
import type { EconomyBinding } from './economy.ts';
import type { IsolationLevel, Migrations } from './migrations.ts';
import type { TargetService } from './target-services.ts';

export type {
  TargetService,
  ResourceLimits,
  PostgresService,
  RedisService,
  ImageBuild,
  HttpService,
  HealthProbe,
} from './target-services.ts';

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
export interface Bindings
  extends StateBindings,
    WorkBindings,
    ApiBindings,
    ListsBindings,
    TenantsBindings,
    VectorBindings,
    PoolBindings,
    CacheBindings,
    ValuesBindings,
    WorkspaceBindings {
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
  readonly read: {
    readonly http: HttpTemplate;
    readonly state: Expression;
    /** How old what is shown may be, as the target declares it; absent: a read shows what was acknowledged before it began. */
    readonly stalenessMs?: number;
  };
  readonly move: HttpTemplate;
  /** HTTP statuses that mean "refused". */
  readonly refused: readonly number[];
  /** State → states it may move to. Same-to-same moves are listed if legal. */
  readonly table: Readonly<Record<string, readonly string[]>>;
  /** SQL that counts what moves leave behind (rows, events, entries of a log); `$1` is the object's id. Second witness. */
  readonly trace?: string;
  /** SQL that returns one row per move of object `$1` to another state, oldest first: column `value` is `from>to`. Second witness. */
  readonly chain?: string;
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
  /** Given when order is promised: SQL that returns the messages of agent `$1` (column `value`) in the order in which they took effect. */
  readonly order?: string;
  /** Fields of an entry that can never be processed, written into the stream past the target; `${agent}` and `${value}` are filled in. */
  readonly poison?: Readonly<Record<string, string>>;
  /** Redis key where what could not be processed is kept, of any type; `${agent}` is filled in. */
  readonly deadLetters?: string;
  /** Services that process the stream and may be killed while they do. */
  readonly consumers?: readonly string[];
  /** By then what was left pending is taken over, and what can never be processed given up. */
  readonly settlesMs?: number;
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
  /** Enumerated type → its labels. */
  readonly enums?: Readonly<Record<string, readonly string[]>>;
  /** Table → columns that must be there. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** What the services' role is to get when a transaction names no level. */
  readonly isolation?: IsolationLevel;
  readonly tenants?: TenantColumns;
  /** Things of the database that are not the migrations': patterns of names with their schema (`tool`, `public.events_*`). */
  readonly schema?: { readonly ignore: readonly string[] };
  readonly migrations: Migrations | null;
}

/** How the database keeps tenants apart. */
export interface TenantColumns {
  /** The column by which a row belongs to a tenant. */
  readonly column: string;
  /** The setting in which a policy finds who asks: `app.workspace_id`. */
  readonly setting?: string;
  /** Tables with that column that the database does not guard → why that is right. */
  readonly exempt: Readonly<Record<string, string>>;
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
