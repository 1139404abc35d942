import type { Log } from '../shared/log.ts';
import { plantDefects, plantMeterDefects, plantWorkerDefects } from '../defects/index.ts';
import { startGateway } from '../gateway/compose.ts';
import { readConfig } from '../gateway/config.ts';
import { startMeter } from '../meter/compose.ts';
import { startWorker } from '../worker/compose.ts';
import { readWorkerConfig } from '../worker/config.ts';
import { ROLES } from '../worker/roles/index.ts';
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

/** Real stores, and meter and workers in this process, as they are or with defects of theirs. */
export async function startBacking(defects: readonly string[] = []): Promise<Backing> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const disposeStores = async (): Promise<void> => {
    await Promise.all([postgres.dispose(), redis.dispose()]);
  };
  try {
    const meter = await startTestMeter(defects);
    const workers = await startTestWorkers(meter.url, defects);
    return {
      postgres,
      redis,
      meterUrl: meter.url,
      workerUrls: workers.urls,
      dispose: async () => {
        await Promise.all([workers.stop(), meter.stop()]);
        await disposeStores();
      },
    };
  } catch (error) {
    await disposeStores();
    throw error;
  }
}

/** A model in this process. */
export async function startTestMeter(defects: readonly string[] = []): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const meter = await startMeter({ host: HOST, port: 0 }, SILENT, await plantMeterDefects(defects, HOST));
  return { url: `http://${HOST}:${meter.port}`, stop: () => meter.stop() };
}

/** One worker of each role in this process; `urls` as WORKER_URLS takes them. */
export async function startTestWorkers(
  meterUrl: string,
  defects: readonly string[] = [],
): Promise<{ readonly urls: string; stop(): Promise<void> }> {
  const seams = await plantWorkerDefects(defects, HOST);
  const workers = await Promise.all(
    Object.keys(ROLES).map(async (role) => {
      const config = readWorkerConfig({ ROLE: role, METER_URL: meterUrl });
      return { role, worker: await startWorker(config, SILENT, seams) };
    }),
  );
  return {
    urls: workers.map(({ role, worker }) => `${role}=http://${HOST}:${worker.port}`).join(','),
    stop: async () => {
      await Promise.all(workers.map(({ worker }) => worker.stop()));
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
  const stores = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, METER_URL: meterUrl, WORKER_URLS: workerUrls };
  // Nobody sends work to a gateway that a test stops; and it shares the test's own process, which may keep it from being on time.
  const config = readConfig({ ...stores, DRAIN_GRACE_MS: '0', REQUESTS_BEHIND_MS: '5000', ...env });
  const complaints: string[] = [];
  const complain: Log['warn'] = (event, fields) => void complaints.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const gateway = await startGateway(config, { ...SILENT, warn: complain, error: complain }, await plantDefects(defects, HOST));
  const url = `http://${HOST}:${gateway.port}`;
  try {
    await until(async () => (await fetch(`${url}/health/ready`)).status === 200);
  } catch (cause) {
    await gateway.stop();
    throw new Error(`the gateway did not become ready: ${complaints.slice(-5).join('\n')}`, { cause });
  }
  let stopping: Promise<void> | undefined;
  return { url, wsUrl: `ws://${HOST}:${gateway.port}`, stop: () => (stopping ??= gateway.stop()) };
}

/** Polls until it is true. @throws Error after 30 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedAtMs;
  while (!(await holds())) {
    if (elapsedMs() > 30_000) throw new Error('it did not become true within 30 s');
    await new Promise((resolve) => setTimeout(resolve, nextLookMs(elapsedMs())));
  }
}

/** Until one looks again: what takes longer is looked at less often, which leaves the processor to what is waited for. */
export const nextLookMs = (elapsedMs: number): number => Math.min(100, Math.max(20, elapsedMs / 10));
