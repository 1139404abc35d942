import { Client } from 'pg';
import { inDatabaseOf } from '../model/addresses.ts';
import type { RedisService, PostgresService } from '../model/target.ts';
import { postgresProbe, type Probe, redisProbe, withRedis } from './probes.ts';

const QUERY_MS = 5_000;

export type Store = PostgresService | RedisService;

export function storeProbe(kind: Store['kind'], address: string): Probe {
  return kind === 'postgres' ? postgresProbe({ connectionString: address, application_name: 'muster' }) : redisProbe(address);
}

/** What the store says it is; null when this role may not ask. */
export async function storeVersion(kind: Store['kind'], address: string): Promise<string | null> {
  try {
    return await (kind === 'postgres' ? postgresVersion(address) : redisVersion(address));
  } catch {
    return null; // a fact for the report, nothing rests on it
  }
}

/** An administrator's address without a database means the one that the service uses. */
export function adminAddress({ url, adminUrl }: { readonly url: string; readonly adminUrl: string | null }): string | null {
  if (adminUrl === null || new URL(adminUrl).pathname.length > 1) return adminUrl;
  return inDatabaseOf(url, adminUrl);
}

async function postgresVersion(connectionString: string): Promise<string | null> {
  const client = new Client({ connectionString, connectionTimeoutMillis: QUERY_MS, query_timeout: QUERY_MS, application_name: 'muster' });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version.split(' ')[0] ?? null;
  } finally {
    await client.end();
  }
}

async function redisVersion(address: string): Promise<string | null> {
  return /redis_version:(\S+)/u.exec(await withRedis(address, (redis) => redis.info('server')))?.[1] ?? null;
}
