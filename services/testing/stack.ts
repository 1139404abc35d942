import { createJsonClient } from '../shared/call-json.ts';
import { createApp } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import { listen } from '../shared/serve.ts';
import { plantDefects } from '../defects/index.ts';
import { startGateway } from '../gateway/compose.ts';
import { readConfig } from '../gateway/config.ts';
import { meterRoutes } from '../meter/routes.ts';
import { ROLES } from '../worker/roles/index.ts';
import { workerRoutes } from '../worker/routes.ts';
import { decode, encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { startPostgres, startRedis, type PostgresStore, type RedisStore } from './stores.ts';

export const HOST = '127.0.0.1';

export interface Backing {
  readonly postgres: PostgresStore;
  readonly redis: RedisStore;
  readonly meterUrl: string;
  /** Entries as WORKER_URLS takes them. */
  readonly workerUrls: string;
  dispose(): Promise<void>;
}

export interface Gateway {
  readonly url: string;
  readonly wsUrl: string;
  stop(): Promise<void>;
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Real stores, and meter and workers as they are, in this process. */
export async function startBacking(): Promise<Backing> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const meterApp = createApp(SILENT);
  meterApp.route('/', meterRoutes({ encode, decode }));
  const meter = await listen(meterApp, { host: HOST, port: 0 });
  const meterUrl = `http://${HOST}:${meter.port}`;
  const meterClient = createJsonClient('meter', meterUrl, 8);
  const workers = await Promise.all(
    Object.entries(ROLES).map(async ([role, operations]) => {
      const app = createApp(SILENT);
      app.route('/', workerRoutes(role, operations(meterClient)));
      return { role, http: await listen(app, { host: HOST, port: 0 }) };
    }),
  );
  return {
    postgres,
    redis,
    meterUrl,
    workerUrls: workers.map(({ role, http }) => `${role}=http://${HOST}:${http.port}`).join(','),
    dispose: async () => {
      meterClient.close();
      await Promise.all([meter, ...workers.map(({ http }) => http)].map((http) => http.close(100)));
      await Promise.all([postgres.dispose(), redis.dispose()]);
    },
  };
}

/** A gateway in this process, ready to take work. */
export async function startTestGateway(
  backing: Backing,
  defects: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const { postgres, redis, meterUrl, workerUrls } = backing;
  const config = readConfig({ DATABASE_URL: postgres.url, REDIS_URL: redis.url, METER_URL: meterUrl, WORKER_URLS: workerUrls, ...env });
  const gateway = await startGateway(config, SILENT, await plantDefects(defects, HOST));
  const url = `http://${HOST}:${gateway.port}`;
  await until(async () => (await fetch(`${url}/health/ready`)).status === 200);
  return { url, wsUrl: `ws://${HOST}:${gateway.port}`, stop: () => gateway.stop() };
}

/** Polls until it is true. @throws Error after 10 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error('it did not become true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
