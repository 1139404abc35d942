import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { PostgresService } from '../model/target.ts';
import { type Env, libraryEnv } from './binaries.ts';
import { HOST } from './placeholders.ts';
import type { HeldPort } from './ports.ts';
import { choosePostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresFolders, forgetTemplate, prepareData } from './postgres-data.ts';
import { APP_ROLE, provisionPostgres } from './postgres-provision.ts';
import { ADMIN_ROLE, clusterName } from './postgres-settings.ts';
import { postgresProbe } from './probes.ts';
import type { Ledger } from './ledger.ts';
import { RUN_MARKER } from './run-processes.ts';
import type { Inspection, Manners, ServicePlan } from './service-plan.ts';

const START_MS = 20_000;

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
      provisioned ??= provisionPostgres(service, context, { superuser: overSocket, passwords }).then(({ version, systemIdentifier }) => ({
        version,
        identity: { systemIdentifier, dataDirectory: folders.data, clusterName: clusterName(context.ledger.runId) },
      }));
      return provisioned;
    },
  };
}
