import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import type { HttpService, Target, TargetService } from '../model/target.ts';
import { cacheDirOf, type Env } from './binaries.ts';
import { type StartFailure, StoreStartError } from './errors.ts';
import { httpAddress, planHttp } from './http-service.ts';
import type { Ledger } from './ledger.ts';
import { LocalEnvironment } from './local-environment.ts';
import type { Address } from './placeholders.ts';
import { type HeldPort, holdPort } from './ports.ts';
import { planPostgres, type StoreContext } from './postgres.ts';
import { planRedis } from './redis.ts';
import { STORES_FOLDER } from './run-processes.ts';
import type { ServicePlan } from './service-plan.ts';

export interface StartLocalOptions {
  readonly runId: string;
  /** Made by `createRunDir`; removed on disposal. */
  readonly runDir: string;
  readonly target: Target;
  /** Aborting it ends the start and everything started so far. */
  readonly signal: AbortSignal;
  readonly ledger: Ledger;
  /** The caller's environment. */
  readonly env: Env;
  readonly onProgress: (text: string, service: string) => void;
}

export type LocalStart = Environment & {
  /** Services of the target that did not start, and those that depend on them: findings, not errors. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
};

/**
 * Starts the target's stores and services as processes of this machine, in parallel as far as `dependsOn` allows.
 * Dispose of the result. When it rejects, everything is already cleaned up.
 * @throws PortInUseError, MissingBinaryError, StoreStartError (environment); MusterError (config) for a wrong placeholder.
 * @throws the signal's reason when it aborts.
 */
export async function startLocal(options: StartLocalOptions): Promise<LocalStart> {
  const { target, ledger, runDir, signal } = options;
  const dependsOn = new Map(target.services.map(({ name, dependsOn: names }) => [name, names]));
  const environment = new LocalEnvironment({ runDir, ledger, dependsOn, facts: {} });
  try {
    signal.throwIfAborted();
    requireStartOrder(target.services);
    await addServices(options, environment);
    await startAll(options, environment);
    return environment;
  } catch (error) {
    await environment[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  }
}

/** Holds the ports, chooses the programs and plans every service; nothing runs yet, but all addresses are known from here on. */
async function addServices(options: StartLocalOptions, environment: LocalEnvironment): Promise<void> {
  const ports = await holdPorts(options.target.services);
  try {
    const stores = await planStores(options, environment.facts, ports);
    environment.reason = `local processes: ${[...new Set(stores.reasons)].join('; ') || 'no stores'}`;
    for (const plan of [...stores.plans, ...planHttpServices(options, stores.plans, ports)]) await environment.add(plan);
  } catch (error) {
    await Promise.all([...ports.values()].map((held) => held.release()));
    throw error;
  }
}

type Ports = ReadonlyMap<string, HeldPort>;

async function planStores(
  { target, runDir, env, ledger }: StartLocalOptions,
  facts: Record<string, string>,
  ports: Ports,
): Promise<{ readonly plans: readonly ServicePlan[]; readonly reasons: readonly string[] }> {
  const stores = join(runDir, STORES_FOLDER);
  await mkdir(stores);
  await chmod(stores, 0o711); // Postgres' user passes through, whatever the umask
  const plans: ServicePlan[] = [];
  const reasons: string[] = [];
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
    plans.push(plan);
    reasons.push(reason);
  }
  return { plans, reasons };
}

function planHttpServices({ target, runDir, runId, env }: StartLocalOptions, stores: readonly ServicePlan[], ports: Ports): ServicePlan[] {
  const services = target.services.filter((service): service is HttpService => service.kind === 'http');
  const addresses = new Map<string, Address>(stores.map(({ name, url, held }) => [name, { url, port: held.port }]));
  for (const { name } of services) addresses.set(name, httpAddress(heldBy(ports, name).port));
  const secrets = stores.flatMap((plan) => plan.secrets);
  return services.map((service) => planHttp(service, { runId, runDir, env, addresses, secrets, held: heldBy(ports, service.name) }));
}

/** Starts each service as soon as those it depends on are ready. A store that fails ends the start of all others. */
async function startAll(options: StartLocalOptions, environment: LocalEnvironment): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const started = new Map<string, Promise<boolean>>();
  const start = (name: string): Promise<boolean> => {
    const service = options.target.services.find((candidate) => candidate.name === name);
    const known = service === undefined ? Promise.resolve(false) : started.get(name);
    if (known !== undefined) return known;
    const dependsOn = service?.dependsOn ?? [];
    const result = Promise.all(dependsOn.map(start)).then((ready) =>
      startOne(
        name,
        dependsOn.filter((_, index) => ready[index] === false),
        { environment, signal, onProgress: options.onProgress },
      ),
    );
    started.set(name, result);
    result.catch((error: unknown) => {
      failed.abort(error);
    });
    return result;
  };
  const results = await Promise.allSettled(options.target.services.map(({ name }) => start(name)));
  if (results.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
}

interface StartContext {
  readonly environment: LocalEnvironment;
  readonly signal: AbortSignal;
  readonly onProgress: StartLocalOptions['onProgress'];
}

async function startOne(name: string, missing: readonly string[], { environment, signal, onProgress }: StartContext): Promise<boolean> {
  const service = environment.serviceOf(name);
  const failure = missing.length > 0 ? notStarted(missing) : await service.launch(signal);
  if (failure === null) {
    onProgress(`ready after ${String(Math.round(service.readyMs ?? 0))} ms on port ${String(service.port)}`, name);
    return true;
  }
  if (service.kind !== 'http') throw new StoreStartError(name, failure);
  environment.startFailures.set(name, failure);
  onProgress(`did not start: ${failure.reason}`, name);
  return false;
}

function notStarted(missing: readonly string[]): StartFailure {
  const names = missing.map((name) => `"${name}"`).join(' and ');
  const reason = `It was not started, because it depends on ${names}, which did not get ready.`;
  return { reason, attempts: 0, lastSeen: null, waitedMs: 0, exit: null, logTail: [] };
}

async function holdPorts(services: readonly TargetService[]): Promise<Map<string, HeldPort>> {
  const ports = new Map<string, HeldPort>();
  try {
    const fixedPort = (service: TargetService): number | null => (service.kind === 'http' ? service.port : null);
    // Fixed ones first: no other service may get one of them by chance.
    const fixedFirst = services.toSorted((a, b) => Number(fixedPort(a) === null) - Number(fixedPort(b) === null));
    for (const service of fixedFirst) ports.set(service.name, await holdPort(service.name, fixedPort(service)));
    return ports;
  } catch (error) {
    await Promise.all([...ports.values()].map((held) => held.release()));
    throw error;
  }
}

function heldBy(ports: Ports, service: string): HeldPort {
  const held = ports.get(service);
  if (held === undefined) throw new Error(`invariant: no port is held for "${service}"`);
  return held;
}

/** @throws MusterError (config) when services wait for each other or for one that does not exist. */
export function requireStartOrder(services: readonly Pick<TargetService, 'name' | 'dependsOn'>[]): void {
  const placed = new Set<string>();
  for (let before = -1; before !== placed.size; ) {
    before = placed.size;
    for (const { name, dependsOn } of services) if (dependsOn.every((other) => placed.has(other))) placed.add(name);
  }
  const stuck = services.filter(({ name }) => !placed.has(name)).map(({ name }) => name);
  if (stuck.length === 0) return;
  throw new MusterError(`These services can never start: ${stuck.join(', ')}; their dependsOn forms a circle or names no service.`, {
    code: 'MUSTER_START_ORDER',
    blame: 'config',
    hint: 'Correct dependsOn in the target file.',
  });
}
