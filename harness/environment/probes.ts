import { request, type IncomingMessage } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { Client, type ClientConfig } from 'pg';
import { Redis } from 'ioredis';
import type { HealthProbe } from '../model/target.ts';
import { messageOf } from '../model/errors.ts';
import type { TlsOptions } from '../model/tls.ts';
import { sanitiseLine } from './sanitise.ts';

/** What one look at a service found. */
export interface Sighting {
  readonly ready: boolean;
  /** What was seen, short and sanitised. */
  readonly seen: string;
}

export type Probe = () => Promise<Sighting>;

export interface SecureAddress {
  readonly url: string;
  readonly tls: TlsOptions;
}

const ATTEMPT_MS = 2_000;
const BODY_LIMIT_BYTES = 256 * 1024;
const EXCERPT_LENGTH = 200;

/**
 * Ready when the path answers 2xx and the JSON body holds every expected value. A redirect is an answer, it is not followed.
 * @param at port on 127.0.0.1, or a base address with how TLS is spoken there.
 */
export function httpProbe(at: number | SecureAddress, probe: HealthProbe, secrets: readonly string[]): Probe {
  const { url, tls } = typeof at === 'number' ? { url: `http://127.0.0.1:${String(at)}`, tls: {} } : at;
  const base = new URL(url);
  return async () => {
    try {
      const { status, body } = await get(base, probe.path, tls);
      const excerpt = sanitiseLine(body.replace(/\s+/g, ' ').trim(), secrets).slice(0, EXCERPT_LENGTH);
      const seen = `GET ${probe.path} answered ${String(status)}${excerpt === '' ? '' : ` ${excerpt}`}`;
      if (status < 200 || status > 299) return { ready: false, seen };
      const unmet = unmetExpectations(body, probe.expect);
      return unmet.length === 0 ? { ready: true, seen } : { ready: false, seen: `${seen} (${unmet.join(', ')})` };
    } catch (error) {
      return { ready: false, seen: `GET ${probe.path} failed with ${codeOf(error)}` };
    }
  };
}

/** Ready when `select 1` is answered. */
export function postgresProbe(config: ClientConfig): Probe {
  return async () => {
    const client = new Client({ ...config, connectionTimeoutMillis: ATTEMPT_MS, query_timeout: ATTEMPT_MS });
    client.on('error', () => undefined); // the attempt itself reports it
    try {
      await client.connect();
      await client.query('select 1');
      return { ready: true, seen: 'select 1 was answered' };
    } catch (error) {
      return { ready: false, seen: `connecting failed with ${inWords(error)}` };
    } finally {
      await client.end().catch(() => undefined); // already closed by the server
    }
  };
}

/** Ready when PING is answered and no data is being loaded. */
export function redisProbe(url: string): Probe {
  return async () => {
    try {
      await withRedis(url, (redis) => redis.ping());
      return { ready: true, seen: 'PING was answered' };
    } catch (error) {
      return { ready: false, seen: `PING failed with ${inWords(error)}` };
    }
  };
}

/** Runs `use` on a connection of its own, made and closed here. */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: ATTEMPT_MS,
    commandTimeout: ATTEMPT_MS,
  });
  redis.on('error', () => undefined); // the command itself reports it
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** Expectations (dotted path → value) that `body` does not meet, in words. */
export function unmetExpectations(body: string, expect: HealthProbe['expect']): string[] {
  const entries = Object.entries(expect);
  if (entries.length === 0) return [];
  const json = parseJson(body);
  return entries.flatMap(([path, expected]) => {
    const actual = path.split('.').reduce<unknown>(property, json);
    return actual === expected ? [] : [`${path} is ${JSON.stringify(actual) ?? 'absent'}, expected ${JSON.stringify(expected)}`];
  });
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no JSON: every expectation is unmet
  }
}

function get(base: URL, path: string, tls: TlsOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    // No agent: a kept connection would hide that the service stopped accepting.
    const options = { ...tls, path: base.pathname.replace(/\/$/, '') + path, agent: false as const, timeout: ATTEMPT_MS };
    const call = (base.protocol === 'https:' ? requestEncrypted : request)(base, options, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > BODY_LIMIT_BYTES) response.destroy(new Error('the body is larger than 256 KiB'));
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${String(ATTEMPT_MS)} ms`)));
    call.on('error', reject);
    call.end();
  });
}

/** Code and message; the message alone where there is no code. */
function inWords(error: unknown): string {
  const [code, message] = [codeOf(error), messageOf(error)];
  return sanitiseLine((code === message ? message : `${code}: ${message}`).replace(/\.$/, ''), []);
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return messageOf(error);
}
