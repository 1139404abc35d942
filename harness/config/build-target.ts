import { dirname, resolve } from 'node:path';
import type { HealthProbe, HttpService, PostgresService, RedisService, Target, TargetService, Workload } from '../model/target.ts';
import { buildBindings } from './build-bindings.ts';
import { buildCompose, buildHttpPlacement, buildPlacement, buildStoreAddress, wordsOf } from './build-placement.ts';
import { buildStores } from './build-stores.ts';
import { checked } from './checked.ts';
import { readDuration, readRate, readSize } from './quantities.ts';
import type { UserService, UserTarget, UserWorkload } from './schema.ts';

type UserHttp = Extract<UserService, { kind: 'http' }>;
type UserPostgres = Extract<UserService, { kind: 'postgres' }>;
type UserRedis = Extract<UserService, { kind: 'redis' }>;

const DEFAULT_READY_WITHIN_MS = 30_000;
const DEFAULT_WORKLOAD: Workload = { agents: 50, ratePerSecond: 120, distinctTexts: 50, mix: null, soakMs: 600_000 };

/** The resolved target of a valid target file. Relative `cwd`s are relative to the file's folder, which is also their default. */
export function buildTarget(user: UserTarget, file: string, workloads: readonly (UserWorkload | undefined)[]): Target {
  const services = Object.entries(user.services).map(([name, service]) => buildService(name, service, dirname(file)));
  const firstHttp = services.find((service) => service.kind === 'http')?.name ?? '';
  return {
    name: user.name,
    subject: { version: user.subject?.version ?? null, commit: user.subject?.commit ?? null },
    services,
    compose: buildCompose(user.compose, dirname(file)),
    bindings: buildBindings(user.bindings ?? {}, firstHttp),
    stores: buildStores(user.stores, dirname(file)),
    workload: [user.workload, ...workloads].reduce<Workload>(withWorkload, DEFAULT_WORKLOAD),
    claims: (user.claims ?? []).map((claim) => ({ text: claim.text, value: claim.value ?? null, source: claim.source ?? null })),
  };
}

function withWorkload(base: Workload, user: UserWorkload | undefined): Workload {
  return {
    agents: user?.agents ?? base.agents,
    ratePerSecond: user?.rate === undefined ? base.ratePerSecond : checked(readRate(user.rate)),
    distinctTexts: user?.distinctTexts ?? base.distinctTexts,
    mix: user?.mix === undefined ? base.mix : Object.fromEntries(Object.entries(user.mix).filter(([, weight]) => weight > 0)),
    soakMs: user?.soak === undefined ? base.soakMs : checked(readDuration(user.soak)),
  };
}

function buildService(name: string, user: UserService, folder: string): TargetService {
  if (user.kind === 'http') return buildHttp(name, user, folder);
  return user.kind === 'redis' ? buildRedis(name, user) : buildPostgres(name, user);
}

function baseOf(name: string, user: UserService): Pick<TargetService, 'name' | 'critical' | 'dependsOn'> {
  return { name, critical: user.critical ?? true, dependsOn: user.dependsOn ?? [] };
}

function buildPostgres(name: string, user: UserPostgres): PostgresService {
  return {
    ...baseOf(name, user),
    kind: 'postgres',
    version: user.version ?? null,
    extensions: user.extensions ?? [],
    database: user.database ?? 'app',
    poolMax: user.pool?.max ?? null,
    ...buildPlacement(user),
    ...buildStoreAddress(user),
  };
}

function buildRedis(name: string, user: UserRedis): RedisService {
  return {
    ...baseOf(name, user),
    kind: 'redis',
    version: user.version ?? null,
    maxmemoryBytes: user.maxmemory === undefined ? null : Math.round(checked(readSize(user.maxmemory))),
    policy: user.policy ?? null,
    db: user.db ?? 0,
    ...(user.tap === true && { tap: true }),
    ...buildPlacement(user),
    ...buildStoreAddress(user),
  };
}

function buildHttp(name: string, user: UserHttp, folder: string): HttpService {
  const health = user.health === undefined ? null : buildProbe(user.health.path, user.health.expect);
  return {
    ...baseOf(name, user),
    kind: 'http',
    ...buildPlacement(user),
    ...buildHttpPlacement(user, folder),
    command: user.command === undefined ? [] : wordsOf(user.command),
    cwd: resolve(folder, user.cwd ?? '.'),
    port: user.port === undefined || user.port === 0 ? null : user.port,
    env: Object.fromEntries(Object.entries(user.env ?? {}).map(([key, value]) => [key, String(value)])),
    health,
    ready: buildReady(user.ready, health ?? buildProbe('/health', undefined)),
  };
}

/** Ready when the health probe is good, unless `ready` has a path of its own. */
function buildReady(ready: UserHttp['ready'], health: HealthProbe): HttpService['ready'] {
  const probe = ready?.path === undefined ? health : buildProbe(ready.path, undefined);
  const withinMs = ready?.within === undefined ? DEFAULT_READY_WITHIN_MS : checked(readDuration(ready.within));
  return { path: probe.path, expect: ready?.expect ?? probe.expect, withinMs };
}

function buildProbe(path: string, expect: HealthProbe['expect'] | undefined): HealthProbe {
  return { path, expect: expect ?? {} };
}
