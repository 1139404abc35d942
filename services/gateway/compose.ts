import { randomUUID } from 'node:crypto';
import { Breaker, BREAKER_DEFAULTS } from '../shared/breaker.ts';
import { createJsonClient, type JsonClient } from '../shared/call-json.ts';
import { createApp, type App } from '../shared/http-app.ts';
import { rateLimited, type Log } from '../shared/log.ts';
import type { Stoppable } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import { createAgents } from './agents/agents.ts';
import { messageRoutes } from './agents/message-routes.ts';
import { createMessages } from './agents/messages.ts';
import { agentRoutes } from './agents/routes.ts';
import { AGENT_TRANSITIONS } from './agents/status.ts';
import type { GatewayConfig } from './config.ts';
import { translateDatabaseError } from './database/errors.ts';
import { MIGRATIONS } from './database/migrations/index.ts';
import { createMigrator } from './database/migrator.ts';
import { createPool } from './database/pool.ts';
import { createFeeds } from './events/feeds.ts';
import { createRelay } from './events/relay.ts';
import { createHealth } from './health/health.ts';
import { createReadiness } from './health/readiness.ts';
import { healthRoutes } from './health/routes.ts';
import { createMemories } from './memories/memories.ts';
import { memoryRoutes } from './memories/routes.ts';
import { operationRoutes } from './operations/routes.ts';
import { startRunner } from './operations/runner.ts';
import { createOperationStore } from './operations/store.ts';
import { createWorkers } from './operations/workers.ts';
import { createAnswerCache } from './patterns/cache.ts';
import { createExecutionLog } from './patterns/execution-log.ts';
import { createExecutor } from './patterns/executor.ts';
import { createLedger } from './patterns/ledger.ts';
import { createModel } from './patterns/model.ts';
import { patternRoutes } from './patterns/routes.ts';
import { connectInBackground, createRedis } from './redis/client.ts';
import type { SeamContext, Seams } from './seams.ts';
import { createStats } from './stats.ts';
import { createConsumer } from './streams/consumer.ts';
import { streamRoutes } from './streams/routes.ts';
import { createStreams } from './streams/streams.ts';
import { agentStream } from './ws/agent-stream.ts';
import { Connections } from './ws/connections.ts';
import { mcpChannel, replyToSender } from './ws/mcp.ts';
import { serveWebSockets } from './ws/server.ts';
import { createTools } from './ws/tools.ts';

const SOCKETS_TO_METER = 64;
const SOCKETS_TO_WORKER = 16;
const DRAIN_MS = 5000;

/** The one place where the gateway's parts are made and tied together. Starts without waiting for any dependency. */
export async function startGateway(config: GatewayConfig, log: Log, seams: Seams): Promise<Stoppable & { readonly port: number }> {
  const stores = openStores(config, log, seams);
  const outside = openOutside(config);
  const work = startWork(stores, outside, { config, log, seams });
  const connections = new Connections(config.ws);
  const app = createApp(log, translateDatabaseError);
  mountRoutes(app, { config, stores, outside, work, connections });
  const http = await listen(app, config.listen);
  const tools = createTools(work.executor, stores.memories);
  const replies = seams.replies(replyToSender);
  const channels = [agentStream(stores.feeds), mcpChannel({ tools, replies, limits: config.ws, version: config.version, log })];
  serveWebSockets({ server: http.server, channels, connections, limits: config.ws, log });
  log.info('listening', { port: http.port, schema_head: stores.migrator.head });
  return {
    port: http.port,
    stop: async () => {
      await stores.readiness.drain();
      connections.closeAll();
      await http.close(DRAIN_MS);
      await work.stop();
      await stores.close();
      outside.close();
    },
  };
}

type Stores = ReturnType<typeof openStores>;
type Outside = ReturnType<typeof openOutside>;
type Work = ReturnType<typeof startWork>;

function openStores(config: GatewayConfig, log: Log, seams: Seams) {
  const pool = createPool({ url: config.databaseUrl, max: config.poolMax, log });
  const redis = createRedis(config.redisUrl, log);
  connectInBackground(redis, log);
  const feeds = createFeeds(
    pool,
    rateLimited((fields) => log.warn('feeds_failed', fields), 1000),
  );
  const committed = (): void => feeds.wake();
  const context: SeamContext = { pool, log, committed };
  const migrator = seams.migrator(createMigrator(pool, MIGRATIONS, log), context);
  return {
    pool,
    redis,
    feeds,
    context,
    migrator,
    readiness: createReadiness(migrator, log),
    agents: createAgents({ pool, transitions: seams.transitions(AGENT_TRANSITIONS), committed }),
    messages: seams.messages(createMessages(pool, committed), context),
    operations: createOperationStore(pool),
    memories: createMemories(pool),
    close: async () => {
      await feeds.stop();
      redis.disconnect();
      await pool.end();
    },
  };
}

function openOutside(config: GatewayConfig) {
  const breakerOptions = { ...BREAKER_DEFAULTS, openMs: config.breakerOpenMs };
  const meter = createJsonClient('meter', config.meterUrl, SOCKETS_TO_METER);
  const meterBreaker = new Breaker('meter', breakerOptions);
  const workers = [...config.workerUrls].map(([name, url]) => ({
    name,
    url,
    client: createJsonClient(`worker ${name}`, url, SOCKETS_TO_WORKER),
    breaker: new Breaker(`worker ${name}`, breakerOptions),
  }));
  return {
    meter,
    meterBreaker,
    workers,
    breakers: [meterBreaker, ...workers.map(({ breaker }) => breaker)],
    close: () => {
      for (const client of [meter, ...workers.map((worker): JsonClient => worker.client)]) client.close();
    },
  };
}

interface Common {
  readonly config: GatewayConfig;
  readonly log: Log;
  readonly seams: Seams;
}

function startWork(stores: Stores, outside: Outside, { log, seams }: Common) {
  const { pool, redis, operations } = stores;
  const onError = (event: string): ((error: unknown) => void) => rateLimited((fields) => log.warn(event, fields), 1000);
  const cache = createAnswerCache(redis);
  const executionLog = createExecutionLog(pool, onError('execution_log_failed'));
  const model = seams.model(createModel(outside.meter, outside.meterBreaker), stores.context);
  const executor = seams.executor(createExecutor({ cache, model, ledger: createLedger(pool), log: executionLog }));
  const workers = createWorkers(new Map(outside.workers.map((worker) => [worker.name, worker])));
  const runner = startRunner({ store: operations, workers, onError: onError('operation_runner_failed') });
  const relay = createRelay(pool, redis, onError('outbox_relay_failed'));
  const consumer = createConsumer({ pool, redis, consumer: `gateway-${randomUUID()}`, onError: onError('stream_consumer_failed') });
  return {
    cache,
    executionLog,
    executor,
    runner,
    streams: createStreams(redis, consumer.added),
    stop: async () => {
      await Promise.all([runner.stop(), consumer.stop(), relay.stop()]);
      await executionLog.stop();
    },
  };
}

interface Mounted {
  readonly config: GatewayConfig;
  readonly stores: Stores;
  readonly outside: Outside;
  readonly work: Work;
  readonly connections: Connections;
}

function mountRoutes(app: App, { config, stores, outside, work, connections }: Mounted): void {
  const identity = { service: 'gateway', version: config.version, commit: config.commit, schemaHead: stores.migrator.head };
  const health = createHealth({ ...stores, meter: outside.meter, workers: outside.workers });
  const { cache, executionLog } = work;
  const stats = createStats({
    pool: stores.pool,
    poolMax: config.poolMax,
    cache,
    executionLog,
    breakers: outside.breakers,
    connections: () => connections.stats(),
  });
  app.route('/', healthRoutes({ identity, health, readiness: stores.readiness, stats }));
  app.route('/', operationRoutes(stores.operations, work.runner.wake));
  app.route('/api/v1', patternRoutes(work.executor, cache));
  app.route('/api/v1/agents', agentRoutes(stores.agents));
  app.route('/api/v1/agents', messageRoutes(stores.messages));
  app.route('/api/v1', streamRoutes(work.streams));
  app.route('/api/v1', memoryRoutes(stores.memories));
}
