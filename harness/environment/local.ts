import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../model/errors.ts';
import type { HttpService } from '../model/target.ts';
import { cacheDirOf } from './binaries.ts';
import { leftoversOf, removeDirectory } from './clean-up.ts';
import { heldBy, holdPorts, type Ports, releaseAll } from './hold-ports.ts';
import { httpAddress, planHttp } from './http-service.ts';
import { LogFile } from './log-file.ts';
import type { ManagedUnit } from './managed-unit.ts';
import { ManagedService } from './managed-service.ts';
import type { Address } from './placeholders.ts';
import { planPostgres, type StoreContext } from './postgres.ts';
import type { Provider, StartedEnvironment, StartOptions } from './provider.ts';
import { planRedis } from './redis.ts';
import { endRunProcesses, findRunProcesses, STORES_FOLDER } from './run-processes.ts';
import { ServiceGroup } from './service-group.ts';
import type { ServicePlan } from './service-plan.ts';
import { removeSegments } from './shared-memory.ts';
import { listeningPids } from './sockets.ts';
import { startTap, throughTap } from './start-tap.ts';
import { requireStartOrder, startAll } from './start-all.ts';

const STRAYS = { graceMs: 100, quietMs: 0, deadlineMs: 3_000 };
const STORE_HINT = 'Read the log lines above; `./scripts/setup` renews the programs on this machine.';

/**
 * Starts the target's stores and services as processes of this machine, in parallel as far as `dependsOn` allows.
 * Dispose of the result. When it rejects, everything is already cleaned up.
 * @throws PortInUseError, MissingBinaryError, StoreStartError (environment); MusterError (config) for a wrong placeholder.
 * @throws the signal's reason when it aborts.
 */
export async function startLocal(options: StartOptions): Promise<StartedEnvironment> {
  const { target, signal, onProgress } = options;
  const group = localGroup(options);
  try {
    signal.throwIfAborted();
    requireStartOrder(target.services);
    requireCommands(options);
    await addServices(options, group);
    await startAll(group, { services: target.services, signal, onProgress, storeHint: STORE_HINT });
    return group;
  } catch (error) {
    await group[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  }
}

function localGroup({ target, ledger, runDir }: StartOptions): ServiceGroup {
  const scope = () => ({ runId: ledger.runId, entries: ledger.entries() });
  const group: ServiceGroup = new ServiceGroup({
    provider: 'local',
    cannot: process.platform === 'linux' ? {} : { 'address-proof': 'This system does not say which process holds a port.' },
    dependsOn: new Map(target.services.map(({ name, dependsOn }) => [name, dependsOn])),
    facts: {},
    async cleanUp() {
      await endRunProcesses(scope(), STRAYS);
      await removeSegments(runDir);
      await removeDirectory(runDir);
    },
    // Without its tap no service reaches Redis, and none of them is to blame for that.
    stillCarried: () =>
      Promise.resolve(![...group.services.values()].some((unit) => unit instanceof ManagedService && unit.plan.tap?.isThere() === false)),
    leftovers: async (services) => [...leftoversOf(scope()), ...(await portsLeft(services, scope()))],
  });
  return group;
}

async function portsLeft(services: ReadonlyMap<string, ManagedUnit>, scope: Parameters<typeof findRunProcesses>[0]): Promise<string[]> {
  const ours = new Set(findRunProcesses(scope).map(({ pid }) => pid));
  const ports: string[] = [];
  for (const service of services.values()) {
    const listening = (await listeningPids(service.port)) ?? [];
    if (listening.some((pid) => ours.has(pid))) ports.push(`port ${String(service.port)} of "${service.name}"`);
  }
  return ports;
}

/** @throws MusterError (config) when a service says only how to run it in a container. */
function requireCommands({ target }: StartOptions): void {
  const without = target.services.filter((service) => service.kind === 'http' && service.command.length === 0).map(({ name }) => name);
  if (without.length === 0) return;
  throw new MusterError(
    `The provider local cannot start ${without.map((name) => `"${name}"`).join(', ')}: the target file gives no \`command\`.`,
    {
      code: 'MUSTER_NO_COMMAND',
      blame: 'config',
      hint: 'Write services.<name>.command, or choose --provider containers or compose.',
    },
  );
}

/** Holds the ports, chooses the programs and plans every service; nothing runs yet, but all addresses are known from here on. */
async function addServices(options: StartOptions, group: ServiceGroup): Promise<void> {
  const ports = await holdPorts(options.target.services);
  try {
    const stores = await planStores(options, group, ports);
    group.reason = `local processes: ${[...new Set(stores.reasons)].join('; ') || 'no stores'}`;
    const logs = join(options.runDir, 'logs');
    await mkdir(logs, { recursive: true, mode: 0o700 });
    for (const plan of [...stores.plans, ...planHttpServices(options, stores.plans, ports)]) {
      const log = new LogFile(join(logs, `${plan.name}.log`), plan.secrets);
      group.add(new ManagedService(plan, { ledger: options.ledger, log, onExit: (exit) => group.exited(exit), closing: group.closing }));
    }
  } catch (error) {
    await releaseAll(ports);
    throw error;
  }
}

async function planStores(
  { target, runDir, env, ledger, signal, onLost }: StartOptions,
  { facts, closing }: ServiceGroup,
  ports: Ports,
): Promise<{ readonly plans: readonly ServicePlan[]; readonly reasons: readonly string[] }> {
  const stores = join(runDir, STORES_FOLDER);
  await mkdir(stores);
  await chmod(stores, 0o711); // Postgres' user passes through, whatever the umask
  const plans: ServicePlan[] = [];
  const reasons: string[] = [];
  const onEnd = (how: string): void => {
    if (!closing.aborted) onLost(how);
  };
  for (const service of target.services) {
    if (service.kind === 'http') continue;
    const isFirst = target.services.find(({ kind }) => kind === service.kind) === service;
    const factPrefix = isFirst ? service.kind : service.name;
    const context: StoreContext = {
      home: join(stores, service.name),
      held: heldBy(ports, service.name),
      ledger,
      cache: cacheDirOf(env),
      facts,
      factPrefix,
    };
    const { plan, reason } = await (service.kind === 'postgres' ? planPostgres(service, context, env) : planRedis(service, context, env));
    const isTapped = service.kind === 'redis' && service.tap === true;
    plans.push(isTapped ? { ...plan, tap: await startTap({ service: service.name, port: plan.held.port, ledger, signal, onEnd }) } : plan);
    reasons.push(reason);
  }
  return { plans, reasons };
}

/** What services are given: through the tap, where there is one. */
function addressFor({ url, held, tap }: ServicePlan): Address {
  return tap === undefined ? { url, port: held.port } : { url: throughTap(url, tap), port: tap.port };
}

function planHttpServices({ target, runDir, runId, env }: StartOptions, stores: readonly ServicePlan[], ports: Ports): ServicePlan[] {
  const services = target.services.filter((service): service is HttpService => service.kind === 'http');
  const addresses = new Map<string, Address>(stores.map((store) => [store.name, addressFor(store)]));
  for (const { name } of services) addresses.set(name, httpAddress(heldBy(ports, name).port));
  const secrets = stores.flatMap((plan) => plan.secrets);
  return services.map((service) => planHttp(service, { runId, runDir, env, addresses, secrets, held: heldBy(ports, service.name) }));
}

/** Everything that has a command can be tried; what is missing on this machine is said when it is started. */
export const suitsLocal: Provider['suits'] = ({ target }) => {
  const without = target.services.filter((service) => service.kind === 'http' && service.command.length === 0).map(({ name }) => name);
  const reason = without.length === 0 ? 'every service has a command' : `no command is given for ${without.join(', ')}`;
  return Promise.resolve({ suits: without.length === 0, reason });
};
