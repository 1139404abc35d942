import { mount } from '../shared/endpoint.ts';
import { createApp, type App } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import type { Stoppable } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import { agentsFeature } from './agents/feature.ts';
import type { GatewayConfig } from './config.ts';
import { openCore, type Core } from './core.ts';
import { translateDatabaseError } from './database/errors.ts';
import { MIGRATIONS } from './database/migrations/index.ts';
import { createMigrator } from './database/migrator.ts';
import { documentsFeature } from './documents/feature.ts';
import type { Feature } from './feature.ts';
import { healthFeature } from './health/feature.ts';
import { memoriesFeature } from './memories/feature.ts';
import { operationsFeature } from './operations/feature.ts';
import { openOutside, type Outside } from './outside.ts';
import { patternsFeature } from './patterns/feature.ts';
import type { Seams } from './seams.ts';
import { streamsFeature } from './streams/feature.ts';
import { Connections } from './ws/connections.ts';
import { socketsFeature } from './ws/feature.ts';
import { serveWebSockets } from './ws/server.ts';

const DRAIN_MS = 5000;

/** The one place where the gateway's parts are made and tied together. Starts without waiting for any dependency. */
export async function startGateway(config: GatewayConfig, log: Log, seams: Seams): Promise<Stoppable & { readonly port: number }> {
  const core = openCore(config, log, seams);
  const outside = openOutside(config);
  const migrator = seams.migrator(createMigrator(core.pool, MIGRATIONS, log), core);
  const connections = new Connections(config.ws);
  const { features, readiness } = composeFeatures(core, { outside, migrator, connections });
  const app = createApp(log, translateDatabaseError);
  mountFeatures(app, features);
  const http = await listen(app, config.listen);
  const channels = features.flatMap((feature) => feature.channels ?? []);
  serveWebSockets({ server: http.server, channels, connections, limits: config.ws, log });
  log.info('listening', { port: http.port, schema_head: migrator.head });
  return {
    port: http.port,
    stop: async () => {
      await readiness.drain();
      connections.closeAll();
      await http.close(DRAIN_MS);
      await Promise.all(features.map(async (feature) => feature.stop?.()));
      await core.close();
      outside.close();
    },
  };
}

interface Parts {
  readonly outside: Outside;
  readonly migrator: ReturnType<typeof createMigrator>;
  readonly connections: Connections;
}

/** One line per feature; what one needs of another is handed over here and nowhere else. */
function composeFeatures(core: Core, { outside, migrator, connections }: Parts) {
  const agents = agentsFeature(core);
  const patterns = patternsFeature(core, outside);
  const operations = operationsFeature(core, outside);
  const streams = streamsFeature(core);
  const memories = memoriesFeature(core);
  const health = healthFeature(core, { migrator, outside, operations: operations.store, patterns, connections });
  const sockets = socketsFeature(core, { executor: patterns.executor, memories: memories.memories });
  const described: readonly Feature[] = [health, agents, patterns, operations, streams, memories, sockets];
  const features: readonly Feature[] = [...described, documentsFeature(core, described)];
  return { features, readiness: health.readiness };
}

function mountFeatures(app: App, features: readonly Feature[]): void {
  for (const { base, app: routes } of features.flatMap((feature) => feature.routes ?? [])) app.route(base, routes);
  mount(
    app,
    features.flatMap((feature) => feature.endpoints ?? []),
  );
}
