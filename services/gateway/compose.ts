import { setTimeout as delay } from 'node:timers/promises';
import { mount } from '../shared/endpoint.ts';
import { createApp, type App } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import type { Stoppable } from '../shared/run-service.ts';
import { listen, type HttpServer } from '../shared/serve.ts';
import { agentsFeature } from './agents/feature.ts';
import { auditFeature } from './audit/feature.ts';
import { budgetsFeature } from './budgets/feature.ts';
import type { DrainLimits, GatewayConfig } from './config.ts';
import { contextsFeature } from './contexts/feature.ts';
import { openCore, type Core } from './core.ts';
import { translateDatabaseError } from './database/errors.ts';
import { MIGRATIONS } from './database/migrations/index.ts';
import { createMigrator } from './database/migrator.ts';
import { delegationsFeature } from './delegations/feature.ts';
import { documentsFeature } from './documents/feature.ts';
import type { Feature } from './feature.ts';
import { createAdmission } from './guard/admission.ts';
import { guardFeature, type GuardFeature } from './guard/feature.ts';
import { watchLoop } from './guard/loop-watch.ts';
import { healthFeature } from './health/feature.ts';
import { mcpFeature } from './mcp/feature.ts';
import { metricsFeature } from './metrics/feature.ts';
import { memoriesFeature } from './memories/feature.ts';
import { operationsFeature } from './operations/feature.ts';
import { openOutside, type Outside } from './outside.ts';
import { patternsFeature } from './patterns/feature.ts';
import type { Seams } from './seams.ts';
import { streamsFeature } from './streams/feature.ts';
import { commandsFeature } from './commands/feature.ts';
import { tasksFeature } from './tasks/feature.ts';
import { workflowsFeature } from './workflows/feature.ts';
import { createConnections, type Connections } from './ws/connections.ts';
import { socketsFeature } from './ws/feature.ts';
import { createPeer } from './ws/peer.ts';
import { serveWebSockets, socketOptions } from './ws/server.ts';

/** The one place where the gateway's parts are made and tied together. Starts without waiting for any dependency. */
export async function startGateway(config: GatewayConfig, log: Log, seams: Seams): Promise<Stoppable & { readonly port: number }> {
  const core = openCore(config, log, seams);
  const outside = openOutside(config, seams);
  const migrator = core.schema.openedBy(seams.migrator(createMigrator(core.pool, seams.migrations(MIGRATIONS), log), core));
  const connections = seams.connections(createConnections(config.ws));
  const { features, readiness, guard, metrics } = composeFeatures(core, { outside, migrator, connections });
  const app = createApp(log, seams.errors(translateDatabaseError));
  const loop = watchLoop();
  app.use(metrics.observe, guard.limitAddresses, createAdmission(seams.admission(config.admission), loop));
  mountFeatures(app, features, { guard, core });
  const http = await listen(app, config.listen);
  const channels = features.flatMap((feature) => feature.channels ?? []);
  serveWebSockets({
    server: http.server,
    channels,
    connections,
    limits: config.ws,
    allowedOrigins: config.allowedOrigins,
    makePeer: seams.peers(createPeer),
    authenticate: guard.enter,
    options: seams.sockets(socketOptions(config.ws)),
    log,
  });
  log.info('listening', { port: http.port, schema_head: migrator.head });
  return {
    port: http.port,
    stop: async () => {
      await readiness.drain();
      loop.stop();
      const draining = drain(http, connections, seams.drain(config.drain));
      await Promise.all([draining, ...features.map(async (feature) => feature.rest?.())]);
      await Promise.all(features.map(async (feature) => feature.stop?.()));
      await core.close();
      outside.close();
    },
  };
}

/** Whoever sends work here has the grace to learn that it ends; what is in flight after that has the limit. */
async function drain(http: HttpServer, connections: Connections, { graceMs, limitMs }: DrainLimits): Promise<void> {
  http.drain();
  await delay(graceMs);
  connections.closeAll();
  await http.close(limitMs);
}

interface Parts {
  readonly outside: Outside;
  readonly migrator: ReturnType<typeof createMigrator>;
  readonly connections: Connections;
}

/** What one feature needs of another is handed over here and nowhere else. */
function composeFeatures(core: Core, parts: Parts) {
  const access = { guard: guardFeature(core), audit: auditFeature(core), metrics: metricsFeature(core, parts) };
  const work = workFeatures(core, parts.outside);
  const memories = memoriesFeature(core, { changed: work.patterns.memoriesChanged });
  const health = healthFeature(core, {
    ...parts,
    prepare: () => Promise.all([access.guard.prepare(), access.audit.prepare()]),
    operations: work.operations.store,
    patterns: work.patterns,
    poolMeter: access.metrics.poolMeter,
  });
  const { connections } = parts;
  const sockets = socketsFeature(core, {
    connections,
    operations: work.operations.store,
    watchPosition: work.delegations.watchPosition,
    validKeys: () => access.guard.validKeys(),
  });
  const mcp = mcpFeature(core, {
    executor: work.patterns.executor,
    memories: memories.memories,
    tasks: work.tasks.tasks,
    workflows: work.workflows.workflows,
    authenticate: access.guard.enter,
  });
  const described: readonly Feature[] = [health, ...Object.values(access), ...Object.values(work), memories, sockets, mcp];
  const features: readonly Feature[] = [...described, documentsFeature(core, described)];
  return { features, readiness: health.readiness, guard: access.guard, metrics: access.metrics };
}

/** What agents are and do. */
function workFeatures(core: Core, outside: Outside) {
  const workflows = workflowsFeature(core);
  const operations = operationsFeature(core, outside);
  return {
    agents: agentsFeature(core),
    contexts: contextsFeature(core),
    budgets: budgetsFeature(core),
    patterns: patternsFeature(core, outside),
    tasks: tasksFeature(core),
    workflows,
    commands: commandsFeature(core, workflows),
    operations,
    delegations: delegationsFeature(core, operations.workers),
    streams: streamsFeature(core),
  };
}

interface Mounting {
  readonly guard: GuardFeature;
  readonly core: Core;
}

function mountFeatures(app: App, features: readonly Feature[], { guard, core }: Mounting): void {
  for (const { base, app: routes } of features.flatMap((feature) => feature.routes ?? [])) app.route(base, routes);
  const rows = features.flatMap((feature) => feature.endpoints ?? []);
  mount(app, core.seams.endpoints(rows, core), guard.around);
}
