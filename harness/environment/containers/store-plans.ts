import { randomBytes } from 'node:crypto';
import type { PostgresService, RedisService } from '../../model/target.ts';
import { HOST } from '../placeholders.ts';
import { APP_ROLE, provisionPostgres } from '../postgres-provision.ts';
import { ADMIN_ROLE, clusterName } from '../postgres-settings.ts';
import type { HeldPort } from '../ports.ts';
import { postgresProbe, redisProbe } from '../probes.ts';
import { ADMIN_USER, inspectRedis, redisConfig } from '../redis.ts';
import type { Inspection } from '../service-plan.ts';
import type { ContainerPlan } from './container-plan.ts';
import type { Engine } from './engine.ts';
import type { Image } from './images.ts';
import type { PreparedPostgres } from './prepared-postgres.ts';
import { startContainer } from './start-container.ts';
import { type ContainerShape, PostgresContainer, RedisStoreContainer } from './testcontainers.ts';

export const POSTGRES_PORT = 5432;
export const REDIS_PORT = 6379;
const POSTGRES_START_MS = 30_000;
const REDIS_START_MS = 15_000;
const STOP_MS = 5_000;
const SHM_BYTES = 256 * 1024 * 1024;
const REDIS_CONFIG = '/etc/muster/redis.conf';
const REDIS_DATA = '/data';

export interface StoreContext {
  readonly engine: Engine;
  readonly runId: string;
  /** Resolves with the network's name when it is made. */
  readonly network: Promise<string>;
  readonly held: HeldPort;
  readonly facts: Record<string, string>;
  readonly factPrefix: string;
}

/** A store's plan, and the address that services in containers have for it. */
export interface StorePlan {
  readonly plan: ContainerPlan;
  readonly inner: { readonly url: string; readonly port: number };
}

/** A Postgres in a container, with the same roles and settings as a local one. */
export function planPostgres(service: PostgresService, context: StoreContext, prepared: Promise<PreparedPostgres>): StorePlan {
  const { engine, held } = context;
  const passwords = { admin: password(), app: password() };
  const database = encodeURIComponent(service.database);
  const url = (role: string, word: string, at: string): string => `postgres://${role}:${word}@${at}/${database}`;
  const outside = `${HOST}:${String(held.port)}`;
  const adminUrl = url(ADMIN_ROLE, passwords.admin, outside);
  let firstPassword = '';
  let provisioned: Promise<Inspection> | null = null;
  const superuser = () => ({ host: HOST, port: held.port, user: ADMIN_ROLE, password: firstPassword, database: 'postgres' });
  const plan: ContainerPlan = {
    ...shared(service, context, Object.values(passwords)),
    url: url(APP_ROLE, passwords.app, outside),
    adminUrl,
    withinMs: POSTGRES_START_MS,
    probe: () => (provisioned === null ? postgresProbe(superuser()) : postgresProbe({ connectionString: adminUrl }))(),
    async obtain(signal, created) {
      const [network, { image, password: first }] = await Promise.all([context.network, prepared]);
      firstPassword = first;
      const command = ['postgres', '-c', `cluster_name=${clusterName(context.runId)}`];
      const shape = { ...shapeOf(service, context, { network, image, port: POSTGRES_PORT }), command, shmBytes: SHM_BYTES };
      const make = (onCreated: (id: string) => void) => new PostgresContainer({ ...shape, created: onCreated });
      await startContainer({ engine, service: service.name, held, signal, make, created });
    },
    inspect() {
      provisioned ??= provisionPostgres(service, context, { superuser: superuser(), passwords }).then(({ version, systemIdentifier }) => ({
        version,
        identity: { systemIdentifier, clusterName: clusterName(context.runId) },
      }));
      return provisioned;
    },
  };
  return { plan, inner: { url: url(APP_ROLE, passwords.app, `${service.name}:${String(POSTGRES_PORT)}`), port: POSTGRES_PORT } };
}

/** A Redis in a container, configured as a local one. */
export function planRedis(service: RedisService, context: StoreContext, found: Promise<Image>): StorePlan {
  const { engine, held, runId } = context;
  const passwords = { admin: password(), app: password() };
  const at = (host: string, port: number): string => `${host}:${String(port)}/${String(service.db)}`;
  const adminUrl = `redis://${ADMIN_USER}:${passwords.admin}@${at(HOST, held.port)}`;
  const config = redisConfig(service, { home: REDIS_DATA, port: REDIS_PORT, passwords, runId, bind: '0.0.0.0' });
  const plan: ContainerPlan = {
    ...shared(service, context, Object.values(passwords)),
    url: `redis://:${passwords.app}@${at(HOST, held.port)}`,
    adminUrl,
    withinMs: REDIS_START_MS,
    probe: redisProbe(adminUrl),
    async obtain(signal, created) {
      const [network, image] = await Promise.all([context.network, found]);
      const base = shapeOf(service, context, { network, image, port: REDIS_PORT });
      const shape = { ...base, command: ['redis-server', REDIS_CONFIG], volumes: [...new Set([...image.volumes, REDIS_DATA])] };
      const make = (onCreated: (id: string) => void) =>
        // A file, because everybody on the host can read a command line.
        new RedisStoreContainer({ ...shape, created: onCreated }).withCopyContentToContainer([
          { content: config, target: REDIS_CONFIG, mode: 0o644 },
        ]);
      await startContainer({ engine, service: service.name, held, signal, make, created });
    },
    inspect: () => inspectRedis(adminUrl, context),
  };
  return { plan, inner: { url: `redis://:${passwords.app}@${at(service.name, REDIS_PORT)}`, port: REDIS_PORT } };
}

function shared({ name, kind }: PostgresService | RedisService, { held }: StoreContext, secrets: readonly string[]) {
  return { name, kind, port: held.port, secrets, stopMs: STOP_MS, release: () => held.release() } as const;
}

function shapeOf(
  { name, resources }: PostgresService | RedisService,
  { runId, held }: StoreContext,
  { network, image, port }: { readonly network: string; readonly image: Image; readonly port: number },
): Omit<ContainerShape, 'created'> {
  return {
    runId,
    imageId: image.id,
    network,
    alias: name,
    hostPort: held.port,
    containerPort: port,
    env: {},
    command: null,
    resources,
    volumes: image.volumes,
  };
}

function password(): string {
  return randomBytes(18).toString('hex');
}
