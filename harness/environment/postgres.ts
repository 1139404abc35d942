import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, type ClientConfig, escapeIdentifier } from 'pg';
import { messageOf, MusterError } from '../model/errors.ts';
import type { PostgresService } from '../model/target.ts';
import { type Env, libraryEnv } from './binaries.ts';
import { HOST } from './placeholders.ts';
import type { HeldPort } from './ports.ts';
import { choosePostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { ADMIN_ROLE, type PostgresFolders, postgresFolders, forgetTemplate, prepareData } from './postgres-data.ts';
import { postgresProbe } from './probes.ts';
import type { Ledger } from './ledger.ts';
import { RUN_MARKER } from './run-processes.ts';
import type { Inspection, Manners, ServicePlan } from './service-plan.ts';

const APP_ROLE = 'muster_app';
const START_MS = 20_000;
const QUERY_MS = 10_000;

const MANNERS: Manners = {
  // SIGINT is Postgres' fast shutdown, SIGQUIT its immediate one; SIGTERM would wait for clients to leave.
  shutdown: [
    { signal: 'SIGINT', withinMs: 5_000 },
    { signal: 'SIGQUIT', withinMs: 2_000 },
  ],
  endSignal: 'SIGQUIT',
  wholeGroup: false,
};

export interface StorePlan {
  readonly plan: ServicePlan;
  /** Why these programs, for the report. */
  readonly reason: string;
}

export interface StoreContext {
  /** Folder of this store, not made yet. */
  readonly home: string;
  readonly held: HeldPort;
  readonly ledger: Ledger;
  readonly cache: string;
  /** Facts found while starting are written here. */
  readonly facts: Record<string, string>;
  readonly factPrefix: string;
}

/**
 * A Postgres of our own: a superuser for the harness, a role without privileges that owns the database for the target.
 * @throws MissingBinaryError when there is none on this machine.
 */
export async function planPostgres(service: PostgresService, context: StoreContext, env: Env): Promise<StorePlan> {
  const binaries = await choosePostgres(env, context.ledger);
  context.facts[`${context.factPrefix}.binaries`] = binaries.place.origin;
  return { plan: planChosen(service, context, binaries), reason: binaries.reason };
}

function planChosen(service: PostgresService, context: StoreContext, binaries: PostgresBinaries): ServicePlan {
  const port = context.held.port;
  const passwords = { admin: randomBytes(18).toString('hex'), app: randomBytes(18).toString('hex') };
  const folders = postgresFolders(context.home);
  const database = encodeURIComponent(service.database);
  const url = `postgres://${APP_ROLE}:${passwords.app}@${HOST}:${String(port)}/${database}`;
  const adminUrl = `postgres://${ADMIN_ROLE}:${passwords.admin}@${HOST}:${String(port)}/${database}`;
  let provisioned: Promise<Inspection> | null = null;
  const overSocket = { host: folders.socket, port, user: ADMIN_ROLE, database: 'postgres' };
  return {
    name: service.name,
    kind: 'postgres',
    url,
    adminUrl,
    held: context.held,
    secrets: Object.values(passwords),
    manners: MANNERS,
    withinMs: START_MS,
    async prepare(signal) {
      await prepareData({ binaries, folders, port, ledger: context.ledger, cache: context.cache, signal });
      return {
        file: join(binaries.place.binDir, 'postgres'),
        args: ['-D', folders.data],
        cwd: folders.home,
        env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', ...libraryEnv(binaries.place), [RUN_MARKER]: context.ledger.runId },
        ...binaries.runAs,
      };
    },
    probe: () => (provisioned === null ? postgresProbe(overSocket) : postgresProbe({ connectionString: adminUrl }))(),
    onStartFailure: () => forgetTemplate({ binaries, cache: context.cache }),
    inspect() {
      provisioned ??= provision(service, context, { overSocket, folders, passwords }).catch((error: unknown) => {
        throw notProvisioned(service, error);
      });
      return provisioned;
    },
  };
}

function notProvisioned({ name, database }: PostgresService, cause: unknown): MusterError {
  return new MusterError(`"${name}" runs, but its database "${database}" could not be set up: ${messageOf(cause)}.`, {
    code: 'MUSTER_PROVISION',
    blame: 'environment',
    hint: 'Check the name of the database and the extensions in the target file.',
    cause,
  });
}

interface Access {
  readonly overSocket: ClientConfig;
  readonly folders: PostgresFolders;
  readonly passwords: { readonly admin: string; readonly app: string };
}

async function provision(service: PostgresService, { facts, factPrefix, ledger }: StoreContext, access: Access): Promise<Inspection> {
  const { overSocket, folders, passwords } = access;
  const database = escapeIdentifier(service.database);
  const version = await withClient(overSocket, async (client) => {
    // pg_stat_statements keeps the text of utility statements, passwords included.
    await client.query(`set pg_stat_statements.track = 'none'`);
    await client.query(`alter role ${ADMIN_ROLE} password '${passwords.admin}'`);
    await client.query(`create role ${APP_ROLE} login password '${passwords.app}'`);
    if (service.database !== 'postgres') await client.query(`create database ${database} owner ${APP_ROLE}`);
    else await client.query(`alter database postgres owner to ${APP_ROLE}`);
    return (await textOf(client, 'show server_version')).split(' ')[0] ?? '';
  });
  facts[`${factPrefix}.version`] = version;
  const systemIdentifier = await withClient({ ...overSocket, database: service.database }, async (client) => {
    for (const extension of service.extensions) facts[`${factPrefix}.extension.${extension}`] = await createExtension(client, extension);
    facts['pgvector.version'] = await textOf(
      client,
      `select coalesce(max(default_version), 'missing') from pg_available_extensions where name = 'vector'`,
    );
    return await textOf(client, 'select system_identifier::text from pg_control_system()');
  });
  return { version, identity: { systemIdentifier, dataDirectory: folders.data, clusterName: `muster-${ledger.runId}`.slice(0, 63) } };
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
