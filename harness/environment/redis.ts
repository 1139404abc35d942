import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisService } from '../model/target.ts';
import { type Env, libraryEnv, redisProgram } from './binaries.ts';
import { MissingBinaryError } from './errors.ts';
import { HOST } from './placeholders.ts';
import type { StoreContext, StorePlan } from './postgres.ts';
import { ORIGIN_WORDS } from './postgres-binaries.ts';
import { redisProbe, withRedis } from './probes.ts';
import { RUN_MARKER } from './run-processes.ts';
import type { Inspection, Manners, ServicePlan } from './service-plan.ts';

export const ADMIN_USER = 'muster_admin';
const START_MS = 10_000;
const MIN_DATABASES = 16;

const MANNERS: Manners = { shutdown: [{ signal: 'SIGTERM', withinMs: 5_000 }], endSignal: 'SIGTERM', wholeGroup: false };

interface RedisBinary {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly reason: string;
}

function chooseRedis(env: Env): RedisBinary {
  const { file, place, looked } = redisProgram(env);
  if (file === null || place === null) throw new MissingBinaryError('Redis (redis-server or valkey-server)', looked);
  return { file, env: libraryEnv(place), origin: place.origin, reason: `Redis from ${ORIGIN_WORDS[place.origin]}` };
}

/**
 * A Redis of our own. The harness has a user of its own, which keeps working when a fault changes the default user's password.
 * @throws MissingBinaryError when neither Redis nor Valkey is on this machine.
 */
export function planRedis(service: RedisService, context: StoreContext, env: Env): StorePlan {
  const binary = chooseRedis(env);
  context.facts[`${context.factPrefix}.binaries`] = binary.origin;
  return { plan: planChosen(service, context, binary), reason: binary.reason };
}

function planChosen(service: RedisService, context: StoreContext, binary: RedisBinary): ServicePlan {
  const port = context.held.port;
  const passwords = { admin: randomBytes(18).toString('hex'), app: randomBytes(18).toString('hex') };
  const address = `${HOST}:${String(port)}/${String(service.db)}`;
  const adminUrl = `redis://${ADMIN_USER}:${passwords.admin}@${address}`;
  const configFile = join(context.home, 'redis.conf');
  return {
    name: service.name,
    kind: 'redis',
    url: `redis://:${passwords.app}@${address}`,
    adminUrl,
    held: context.held,
    secrets: Object.values(passwords),
    manners: MANNERS,
    withinMs: START_MS,
    async prepare() {
      await mkdir(context.home, { mode: 0o700 });
      // A file, because everybody can read a command line.
      await writeFile(configFile, redisConfig(service, { home: context.home, port, passwords, runId: context.ledger.runId }), {
        mode: 0o600,
      });
      const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', ...binary.env, [RUN_MARKER]: context.ledger.runId };
      return { file: binary.file, args: [configFile], cwd: context.home, env };
    },
    probe: redisProbe(adminUrl),
    inspect: () => inspectRedis(adminUrl, context),
  };
}

export function redisConfig(
  { maxmemoryBytes, policy, db }: RedisService,
  at: {
    readonly home: string;
    readonly port: number;
    readonly passwords: { readonly admin: string; readonly app: string };
    readonly runId: string;
    /** Address it listens on; loopback unless it is in a container. */
    readonly bind?: string;
  },
): string {
  return [
    `bind ${at.bind ?? HOST}`,
    `port ${String(at.port)}`,
    'protected-mode yes',
    'daemonize no',
    `dir "${at.home}"`,
    // What was acknowledged must survive a stop and a start; snapshots are not needed for that.
    'appendonly yes',
    'save ""',
    'repl-diskless-sync-delay 0',
    `databases ${String(Math.max(MIN_DATABASES, db + 1))}`,
    ...(maxmemoryBytes === null ? [] : [`maxmemory ${String(maxmemoryBytes)}`]),
    ...(policy === null ? [] : [`maxmemory-policy ${policy}`]),
    `proc-title-template "{title} {listen-addr} muster-${at.runId}"`,
    `requirepass ${at.passwords.app}`,
    `user ${ADMIN_USER} on >${at.passwords.admin} ~* &* +@all`,
    '',
  ].join('\n');
}

export async function inspectRedis(
  adminUrl: string,
  { facts, factPrefix }: Pick<StoreContext, 'facts' | 'factPrefix'>,
): Promise<Inspection> {
  const info = parseInfo(await withRedis(adminUrl, (redis) => redis.info('server')));
  const version = info['valkey_version'] ?? info['redis_version'] ?? 'unknown';
  facts[`${factPrefix}.version`] = version;
  facts[`${factPrefix}.flavour`] = info['valkey_version'] === undefined ? 'redis' : 'valkey';
  return { version, identity: { runId: info['run_id'] ?? '', pid: info['process_id'] ?? '' } };
}

/** `name:value` lines of INFO. */
export function parseInfo(text: string): Record<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 && !line.startsWith('#') ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
  });
  return Object.fromEntries(pairs);
}
