import { Client, type ClientConfig, escapeIdentifier } from 'pg';
import { messageOf, MusterError } from '../model/errors.ts';
import type { PostgresService } from '../model/target.ts';
import { ADMIN_ROLE } from './postgres-settings.ts';

/** Of the target's own services: owns the database, has no other privilege. */
export const APP_ROLE = 'muster_app';
/** Making a database writes and syncs some megabytes, on a machine that may be starting a whole stack meanwhile. */
const QUERY_MS = 30_000;

export interface ProvisionAccess {
  /** As the superuser, into the database `postgres`. */
  readonly superuser: ClientConfig;
  /** What the two roles get. */
  readonly passwords: { readonly admin: string; readonly app: string };
}

export interface Provisioned {
  readonly version: string;
  readonly systemIdentifier: string;
}

/**
 * Gives a fresh server its roles, its database and the extensions of the target, and writes its facts. Once per server.
 * @throws MusterError (environment) with what the server said.
 */
export async function provisionPostgres(
  service: PostgresService,
  report: { readonly facts: Record<string, string>; readonly factPrefix: string },
  access: ProvisionAccess,
): Promise<Provisioned> {
  try {
    return await provision(service, report, access);
  } catch (error) {
    throw notProvisioned(service, error);
  }
}

function notProvisioned({ name, database }: PostgresService, cause: unknown): MusterError {
  return new MusterError(`"${name}" runs, but its database "${database}" could not be set up: ${messageOf(cause)}.`, {
    code: 'MUSTER_PROVISION',
    blame: 'environment',
    hint: 'Check the name of the database and the extensions in the target file.',
    cause,
  });
}

async function provision(
  service: PostgresService,
  { facts, factPrefix }: Parameters<typeof provisionPostgres>[1],
  { superuser, passwords }: ProvisionAccess,
): Promise<Provisioned> {
  const database = escapeIdentifier(service.database);
  const version = await withClient(superuser, async (client) => {
    // pg_stat_statements keeps the text of utility statements, passwords included.
    await client.query(`set pg_stat_statements.track = 'none'`);
    await client.query(`create role ${APP_ROLE} login password '${passwords.app}'`);
    if (service.database !== 'postgres') await client.query(`create database ${database} owner ${APP_ROLE}`);
    else await client.query(`alter database postgres owner to ${APP_ROLE}`);
    // For the suites, where it does not change what the target finds in its own database.
    if (service.database !== 'postgres') await createExtension(client, 'pg_stat_statements');
    return (await textOf(client, 'show server_version')).split(' ')[0] ?? '';
  });
  facts[`${factPrefix}.version`] = version;
  const systemIdentifier = await withClient({ ...superuser, database: service.database }, async (client) => {
    await client.query(`set pg_stat_statements.track = 'none'`);
    for (const extension of service.extensions) facts[`${factPrefix}.extension.${extension}`] = await createExtension(client, extension);
    facts['pgvector.version'] = await textOf(
      client,
      `select coalesce(max(default_version), 'missing') from pg_available_extensions where name = 'vector'`,
    );
    // Last: the password that opened the way in is void from here on.
    await client.query(`alter role ${ADMIN_ROLE} password '${passwords.admin}'`);
    return await textOf(client, 'select system_identifier::text from pg_control_system()');
  });
  return { version, systemIdentifier };
}

/** Version installed, or `missing`: what that means is for the checks to judge. */
async function createExtension(client: Client, name: string): Promise<string> {
  const available = await client.query('select 1 from pg_available_extensions where name = $1', [name]);
  if (available.rowCount === 0) return 'missing';
  await client.query(`create extension if not exists ${escapeIdentifier(name)} cascade`);
  const installed = await client.query<{ extversion: string }>('select extversion from pg_extension where extname = $1', [name]);
  return installed.rows[0]?.extversion ?? 'missing';
}

async function textOf(client: Client, query: string): Promise<string> {
  const { rows } = await client.query<[string]>({ text: query, rowMode: 'array' });
  return rows[0]?.[0] ?? '';
}

async function withClient<T>(config: ClientConfig, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...config, connectionTimeoutMillis: QUERY_MS, query_timeout: QUERY_MS, application_name: 'muster' });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
