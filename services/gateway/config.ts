import { integer, list, listenAddress, onOff, requiredText, secret, urlsByName, type Env, type Listen } from '../shared/env.ts';
import type { AdmissionLimits } from './guard/admission.ts';
import type { BucketLimits } from './guard/bucket.ts';

export interface GatewayConfig {
  readonly listen: Listen;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly workerUrls: ReadonlyMap<string, string>;
  readonly meterUrl: string;
  readonly defects: readonly string[];
  /** For the planted defect that connects as a superuser; nothing else reads it. */
  readonly defectDatabaseUrl: string | null;
  readonly version: string;
  readonly commit: string | null;
  readonly poolMax: number;
  readonly breakerOpenMs: number;
  /** Messages kept per agent; older ones go in the background. */
  readonly messageRetention: number;
  readonly auth: AuthSettings;
  readonly rate: BucketLimits;
  readonly admission: AdmissionLimits;
  readonly auditRetentionDays: number;
  readonly drain: DrainLimits;
  readonly ws: WsLimits;
  /** Web pages that may open a WebSocket, beside those of this host: `https://dashboard.example`. */
  readonly allowedOrigins: readonly string[];
  readonly mcp: McpSettings;
  readonly streams: StreamSettings;
}

export interface AuthSettings {
  /** Whether everything but the open endpoints wants a key. */
  readonly required: boolean;
  /** The first key; set whenever keys are required. */
  readonly adminKey: string | null;
}

/** What a process that was told to end still does. */
export interface DrainLimits {
  /** For so long it says that it is not ready, and answers all the same: who sends it work has to learn of it. */
  readonly graceMs: number;
  /** For so long after that it lets requests finish. */
  readonly limitMs: number;
}

export interface StreamSettings {
  /** The wait after the first failed try; it doubles with each. */
  readonly retryMs: number;
  /** An entry that nobody acknowledged for this long is taken from the consumer that has it. */
  readonly staleMs: number;
  /** Processed entries kept for replay, per stream. */
  readonly keep: number;
  /** From this length on senders are told to wait. */
  readonly maxLength: number;
}

export interface McpSettings {
  /** Sessions over HTTP that are open at once. */
  readonly sessions: number;
  /** After this long without a request a session is ended. */
  readonly idleMs: number;
  /** Host names of web pages that may call. */
  readonly origins: readonly string[];
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
    defectDatabaseUrl: env['MUSTER_DEFECT_DATABASE_URL'] || null,
    version: env['SERVICE_VERSION'] || '0.1.0',
    commit: env['SERVICE_COMMIT'] || null,
    poolMax: integer(env, 'POOL_MAX', { fallback: 20, min: 2, max: 100 }),
    breakerOpenMs: integer(env, 'BREAKER_OPEN_MS', { fallback: 1000, min: 10, max: 600_000 }),
    messageRetention: integer(env, 'MESSAGE_RETENTION', { fallback: 1000, min: 10, max: 1_000_000 }),
    auth: readAuth(env),
    rate: readRate(env),
    admission: {
      inFlight: integer(env, 'REQUESTS_IN_FLIGHT', { fallback: 128, min: 1, max: 100_000 }),
      behindMs: integer(env, 'REQUESTS_BEHIND_MS', { fallback: 60, min: 1, max: 60_000 }),
    },
    auditRetentionDays: integer(env, 'AUDIT_RETENTION_DAYS', { fallback: 90, min: 1, max: 3650 }),
    drain: readDrain(env),
    ws: readWsLimits(env),
    allowedOrigins: list(env, 'ALLOWED_ORIGINS'),
    mcp: {
      sessions: integer(env, 'MCP_SESSIONS', { fallback: 1000, min: 1, max: 100_000 }),
      idleMs: integer(env, 'MCP_SESSION_IDLE_MS', { fallback: 600_000, min: 100, max: 86_400_000 }),
      origins: ['localhost', '127.0.0.1', '[::1]', ...list(env, 'MCP_ORIGINS')],
    },
    streams: readStreamSettings(env),
  };
}

function readStreamSettings(env: Env): StreamSettings {
  return {
    retryMs: integer(env, 'STREAM_RETRY_MS', { fallback: 1000, min: 10, max: 60_000 }),
    staleMs: integer(env, 'STREAM_STALE_MS', { fallback: 5000, min: 100, max: 600_000 }),
    keep: integer(env, 'STREAM_KEEP', { fallback: 10_000, min: 0, max: 1_000_000 }),
    maxLength: integer(env, 'STREAM_MAX_LENGTH', { fallback: 20_000, min: 1, max: 10_000_000 }),
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

function readAuth(env: Env): AuthSettings {
  const required = onOff(env, 'AUTH');
  return { required, adminKey: required ? secret(env, 'API_KEY_ADMIN') : null };
}

function readRate(env: Env): BucketLimits {
  const limit = (name: string, fallback: number): number => integer(env, name, { fallback, min: 1, max: 1_000_000 });
  return { perSecond: limit('RATE_LIMIT_PER_SECOND', 2000), burst: limit('RATE_LIMIT_BURST', 4000) };
}

function readDrain(env: Env): DrainLimits {
  const limit = (name: string, fallback: number): number => integer(env, name, { fallback, min: 0, max: 60_000 });
  return { graceMs: limit('DRAIN_GRACE_MS', 250), limitMs: limit('DRAIN_LIMIT_MS', 4000) };
}
