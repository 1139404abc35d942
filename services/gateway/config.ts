import { integer, list, listenAddress, requiredText, urlsByName, type Env, type Listen } from '../shared/env.ts';

export interface GatewayConfig {
  readonly listen: Listen;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly workerUrls: ReadonlyMap<string, string>;
  readonly meterUrl: string;
  readonly defects: readonly string[];
  readonly version: string;
  readonly commit: string | null;
  readonly poolMax: number;
  readonly breakerOpenMs: number;
  readonly ws: WsLimits;
}

export interface WsLimits {
  readonly connections: number;
  readonly connectionsPerAgent: number;
  readonly connectionsPerMinutePerAddress: number;
  readonly messagesPerSecond: number;
  readonly maxPayloadBytes: number;
  readonly maxBufferedBytes: number;
  readonly heartbeatMs: number;
  readonly pingMs: number;
}

/** @throws SettingError for what is missing or out of range. */
export function readConfig(env: Env): GatewayConfig {
  return {
    listen: listenAddress(env),
    databaseUrl: requiredText(env, 'DATABASE_URL'),
    redisUrl: requiredText(env, 'REDIS_URL'),
    workerUrls: urlsByName(env, 'WORKER_URLS'),
    meterUrl: requiredText(env, 'METER_URL'),
    defects: list(env, 'MUSTER_DEFECTS'),
    version: env['SERVICE_VERSION'] || '0.1.0',
    commit: env['SERVICE_COMMIT'] || null,
    poolMax: integer(env, 'POOL_MAX', { fallback: 20, min: 2, max: 100 }),
    breakerOpenMs: integer(env, 'BREAKER_OPEN_MS', { fallback: 1000, min: 10, max: 600_000 }),
    ws: readWsLimits(env),
  };
}

function readWsLimits(env: Env): WsLimits {
  const limit = (name: string, fallback: number): number => integer(env, name, { fallback, min: 1, max: 100_000_000 });
  return {
    connections: limit('WS_CONNECTIONS', 1000),
    connectionsPerAgent: limit('WS_CONNECTIONS_PER_AGENT', 10),
    connectionsPerMinutePerAddress: limit('WS_CONNECTIONS_PER_MINUTE', 600),
    messagesPerSecond: limit('WS_MESSAGES_PER_SECOND', 100),
    maxPayloadBytes: limit('WS_MAX_PAYLOAD_BYTES', 64 * 1024),
    maxBufferedBytes: limit('WS_MAX_BUFFERED_BYTES', 1024 * 1024),
    heartbeatMs: limit('WS_HEARTBEAT_MS', 30_000),
    pingMs: limit('WS_PING_MS', 15_000),
  };
}
