import type Docker from 'dockerode';
import { Client } from 'pg';
import type { TargetService } from '../../model/target.ts';
import { withRedis } from '../probes.ts';
import { parseInfo } from '../redis.ts';
import type { Inspection } from '../service-plan.ts';
import { outputInside } from './exec.ts';

const QUERY_MS = 10_000;

const IDENTITY = ['select system_identifier::text from pg_control_system()', 'select pg_postmaster_start_time()::text'] as const;

export interface StoreLook {
  /** The widest way in there is. */
  readonly url: string;
  readonly container: Docker.Container;
  /** Facts found are written here. */
  readonly facts: Record<string, string>;
  readonly factPrefix: string;
}

/**
 * Version and extensions as the server says them at its address; identity as it says it inside its own container, so that whoever
 * answers at the address can be compared with it. What the container has no client for stays unknown.
 */
export async function inspectPostgres({ extensions }: { readonly extensions: readonly string[] }, look: StoreLook): Promise<Inspection> {
  const { facts, factPrefix, url } = look;
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: QUERY_MS,
    query_timeout: QUERY_MS,
    application_name: 'muster',
  });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    const version = (await textOf(client, 'show server_version')).split(' ')[0] ?? '';
    facts[`${factPrefix}.version`] = version;
    for (const name of extensions) {
      const installed = await textOf(client, 'select extversion from pg_extension where extname = $1', [name]);
      facts[`${factPrefix}.extension.${name}`] = installed === '' ? 'missing' : installed;
    }
    facts['pgvector.version'] = await textOf(
      client,
      `select coalesce(max(default_version), 'missing') from pg_available_extensions where name = 'vector'`,
    );
    return { version, identity: await postgresIdentity(look) };
  } finally {
    await client.end();
  }
}

async function textOf(client: Client, text: string, values: readonly string[] = []): Promise<string> {
  const { rows } = await client.query<[string]>({ text, values: [...values], rowMode: 'array' });
  return rows[0]?.[0] ?? '';
}

async function postgresIdentity({ url, container }: StoreLook): Promise<Readonly<Record<string, string>>> {
  const { username, password, pathname } = new URL(url);
  const login = ['-U', decodeURIComponent(username), '-d', decodeURIComponent(pathname.slice(1))];
  const output = await outputInside(container, ['psql', '-XAtqw', ...login, ...IDENTITY.flatMap((sql) => ['-c', sql])], {
    PGPASSWORD: decodeURIComponent(password),
  });
  const [systemIdentifier, postmasterStart] = output?.trim().split('\n') ?? [];
  return systemIdentifier === undefined || postmasterStart === undefined ? {} : { systemIdentifier, postmasterStart };
}

export async function inspectRedis(look: StoreLook): Promise<Inspection> {
  const { facts, factPrefix, url, container } = look;
  const info = parseInfo(await withRedis(url, (redis) => redis.info('server')));
  const version = info['valkey_version'] ?? info['redis_version'] ?? 'unknown';
  facts[`${factPrefix}.version`] = version;
  facts[`${factPrefix}.flavour`] = info['valkey_version'] === undefined ? 'redis' : 'valkey';
  const { username, password } = new URL(url);
  const user = username === '' ? [] : ['--user', decodeURIComponent(username)];
  const auth: Record<string, string> = password === '' ? {} : { REDISCLI_AUTH: decodeURIComponent(password) };
  const inside = await outputInside(container, ['redis-cli', '--no-auth-warning', ...user, 'info', 'server'], auth);
  const runId = inside === null ? undefined : parseInfo(inside)['run_id'];
  return { version, identity: runId === undefined ? {} : { runId } };
}

/** The first store of its kind gives its kind's facts, others have their own. */
export function factPrefixOf(service: TargetService, services: readonly TargetService[]): string {
  return services.find(({ kind }) => kind === service.kind) === service ? service.kind : service.name;
}
