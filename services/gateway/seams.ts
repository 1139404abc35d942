import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { ServerOptions } from 'ws';
import type { MakeBreaker } from '../shared/breaker.ts';
import type { MakeJsonClient } from '../shared/call-json.ts';
import type { Endpoint } from '../shared/endpoint.ts';
import type { TranslateError } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import type { Audit } from './audit/audit.ts';
import type { Agents } from './agents/agents.ts';
import type { AgentLocks } from './agents/locks.ts';
import type { Labels } from './agents/labels.ts';
import type { DeleteOldMessages } from './agents/retention.ts';
import type { TransitionTable } from './agents/status.ts';
import type { Messages } from './agents/messages.ts';
import type { Budgets } from './budgets/budgets.ts';
import type { DrainLimits, GatewayConfig } from './config.ts';
import type { Contexts } from './contexts/contexts.ts';
import type { Migration } from './database/migrations/migration.ts';
import type { Migrator } from './database/migrator.ts';
import type { Feeds } from './events/feeds.ts';
import type { AnswerCache } from './patterns/cache.ts';
import type { Judge } from './operations/confidence.ts';
import type { OperationStore } from './operations/operation.ts';
import type { Planner } from './operations/plans.ts';
import type { AdmissionLimits } from './guard/admission.ts';
import type { Authenticate } from './guard/authenticate.ts';
import type { RateLimiter } from './guard/rate-limiter.ts';
import type { Health } from './health/health.ts';
import type { Readiness } from './health/readiness.ts';
import type { Executor } from './patterns/executor.ts';
import type { Invalidations } from './patterns/invalidations.ts';
import type { Model } from './patterns/model.ts';
import type { StreamLog } from './streams/stream-log.ts';
import type { McpServerFactory } from './mcp/http-server.ts';
import type { ReplyRouter } from './mcp/replies.ts';
import type { ToolResults } from './mcp/tool-results.ts';
import type { Welcome } from './mcp/welcome.ts';
import type { NearestSearch } from './memories/search.ts';
import type { RetryRule } from './tasks/status.ts';
import type { Tasks } from './tasks/task.ts';
import type { WorkflowPlanner } from './workflows/plan.ts';
import type { Connections } from './ws/connections.ts';
import type { MakePeer } from './ws/peer.ts';

export interface SeamContext {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly log: Log;
  /** To be called after a commit that wrote an event. */
  readonly committed: () => void;
  readonly audit: Audit;
}

/** Places in the composition where a part can be wrapped or replaced: by a test, or by a planted defect. */
export interface Seams {
  pool(part: Pool, config: GatewayConfig): Pool;
  redis(part: Redis): Redis;
  audit(part: Audit): Audit;
  authenticate(part: Authenticate): Authenticate;
  limiter(part: RateLimiter): RateLimiter;
  admission(part: AdmissionLimits): AdmissionLimits;
  errors(part: TranslateError): TranslateError;
  /** What the router runs; the document is made of the rows as they are. */
  endpoints(part: readonly Endpoint[], context: SeamContext): readonly Endpoint[];
  health(part: () => Promise<Health>, context: SeamContext): () => Promise<Health>;
  readiness(part: Readiness, context: SeamContext): Readiness;
  drain(part: DrainLimits): DrainLimits;
  migrations(part: readonly Migration[]): readonly Migration[];
  migrator(part: Migrator, context: SeamContext): Migrator;
  /** Of the program that only migrates. */
  migrateProgram(part: Migrator, pool: Pool): Migrator;
  transitions(part: TransitionTable): TransitionTable;
  agents(part: Agents, context: SeamContext): Agents;
  agentLocks(part: AgentLocks): AgentLocks;
  labels(part: Labels, context: SeamContext): Labels;
  messages(part: Messages, context: SeamContext): Messages;
  messageRetention(part: DeleteOldMessages): DeleteOldMessages;
  budgets(part: Budgets, context: SeamContext): Budgets;
  contexts(part: Contexts, context: SeamContext): Contexts;
  clients(part: MakeJsonClient): MakeJsonClient;
  breakers(part: MakeBreaker): MakeBreaker;
  operationStore(part: OperationStore, context: SeamContext): OperationStore;
  planner(part: Planner): Planner;
  sureEnough(part: Judge): Judge;
  model(part: Model, context: SeamContext): Model;
  cache(part: AnswerCache): AnswerCache;
  invalidations(part: Invalidations): Invalidations;
  streamLog(part: StreamLog, context: SeamContext): StreamLog;
  executor(part: Executor): Executor;
  replies(part: ReplyRouter): ReplyRouter;
  feeds(part: Feeds, context: SeamContext): Feeds;
  peers(part: MakePeer): MakePeer;
  connections(part: Connections): Connections;
  sockets(part: ServerOptions): ServerOptions;
  welcome(part: Welcome): Welcome;
  toolResults(part: ToolResults): ToolResults;
  mcpServer(part: McpServerFactory): McpServerFactory;
  nearest(part: NearestSearch, context: SeamContext): NearestSearch;
  tasks(part: Tasks, context: SeamContext): Tasks;
  retryRule(part: RetryRule): RetryRule;
  workflowPlanner(part: WorkflowPlanner): WorkflowPlanner;
}

/** Every part as it is. */
export const AS_IS: Seams = {
  pool: (part) => part,
  redis: (part) => part,
  audit: (part) => part,
  authenticate: (part) => part,
  limiter: (part) => part,
  admission: (part) => part,
  errors: (part) => part,
  endpoints: (part) => part,
  health: (part) => part,
  readiness: (part) => part,
  drain: (part) => part,
  migrations: (part) => part,
  migrator: (part) => part,
  migrateProgram: (part) => part,
  transitions: (part) => part,
  agents: (part) => part,
  agentLocks: (part) => part,
  labels: (part) => part,
  messages: (part) => part,
  messageRetention: (part) => part,
  budgets: (part) => part,
  contexts: (part) => part,
  clients: (part) => part,
  breakers: (part) => part,
  operationStore: (part) => part,
  planner: (part) => part,
  sureEnough: (part) => part,
  model: (part) => part,
  cache: (part) => part,
  invalidations: (part) => part,
  streamLog: (part) => part,
  executor: (part) => part,
  replies: (part) => part,
  feeds: (part) => part,
  peers: (part) => part,
  connections: (part) => part,
  sockets: (part) => part,
  welcome: (part) => part,
  toolResults: (part) => part,
  mcpServer: (part) => part,
  nearest: (part) => part,
  tasks: (part) => part,
  retryRule: (part) => part,
  workflowPlanner: (part) => part,
};
