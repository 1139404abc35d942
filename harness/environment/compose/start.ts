import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Incapacities } from '../../model/environment.ts';
import { MusterError } from '../../model/errors.ts';
import { abortable } from '../abortable.ts';
import { ContainerUnit } from '../containers/container-unit.ts';
import { type Engine, requireEngine } from '../containers/engine.ts';
import { EngineWatch } from '../containers/engine-watch.ts';
import { composeProject } from '../containers/labels.ts';
import type { Env } from '../binaries.ts';
import { heldBy, holdPorts, type Ports, releaseAll } from '../hold-ports.ts';
import { LogFile } from '../log-file.ts';
import type { StartedEnvironment, StartOptions } from '../provider.ts';
import type { ServiceGroup } from '../service-group.ts';
import { requireStartOrder, startAll } from '../start-all.ts';
import { type StoreAccess, storeAccess } from './address.ts';
import { type ComposeCli, findCompose } from './cli.ts';
import { evidenceOf } from './evidence.ts';
import { composeEnv, type ReadFile, readFiles, requireFiles } from './files.ts';
import { awaitedHealthy } from './guilty.ts';
import { Launcher } from './launcher.ts';
import { notesOn, overrideFile, type Publication } from './override.ts';
import { planUnit, STORE_WITHIN_MS, withinMsOf } from './plan-unit.ts';
import { ComposeProject } from './project.ts';
import { ProjectEvents } from './project-events.ts';
import { composeNameOf, type Placed, placeServices } from './resolve.ts';
import { composeGroup, type Frame } from './group.ts';
import { factPrefixOf } from './stores.ts';
import { unseenServices } from './unseen.ts';

/** What an engine does not answer for this long after the run was stopped is not waited for. */
const HANGS_MS = 2_000;
const STORE_HINT = 'Read the log lines above; `docker compose up` on the file by hand shows the same.';

/**
 * Starts the user's compose file, merged with one generated file, as a project of the run. Dispose of the result. When it rejects,
 * everything is already cleaned up.
 * @throws MusterError (environment) without engine or compose v2, for an image that cannot be had, a store that does not start; (config)
 * for a file or a target that do not fit.
 * @throws the signal's reason when it aborts.
 */
export async function startStack(options: StartOptions): Promise<StartedEnvironment> {
  const frame: Frame = { engine: null, watch: null, events: null, project: null, ports: new Map(), cannot: {} };
  const group = composeGroup(options, frame);
  const { target, signal, onProgress } = options;
  const start = async (): Promise<void> => {
    requireStartOrder(target.services);
    await addServices(options, frame, group);
    await startAll(group, { services: target.services, signal, onProgress, storeHint: STORE_HINT });
  };
  try {
    signal.throwIfAborted();
    await abortable(start(), signal, HANGS_MS);
    frame.events?.close();
    return group;
  } catch (error) {
    await group[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  }
}

/** The run's file, read and understood; nothing is made yet. */
interface Stack {
  readonly engine: Engine;
  readonly cli: ComposeCli;
  readonly secret: string;
  readonly composeEnv: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly file: ReadFile;
  readonly placed: readonly Placed[];
}

async function addServices(options: StartOptions, frame: Frame, group: ServiceGroup): Promise<void> {
  const { runId, runDir, target, ledger, onProgress } = options;
  const stack = await readStack(options);
  const { engine, cli, placed, file } = stack;
  frame.engine = engine;
  const ports = await holdPorts(target.services);
  frame.ports = ports;
  const accesses = reachStores(placed, ports, { secret: stack.secret, env: options.env });
  Object.assign(frame.cannot, cannotOf(accesses), unseenServices(file.config, new Set(placed.map(({ compose }) => compose.name))));
  const published = publications(placed, ports);
  for (const note of [...file.warnings, ...notesOn(file.config, published)]) onProgress(note, 'compose');
  group.reason = `compose ${cli.version} with ${stack.files.map((path) => basename(path)).join(' and ')}`;
  group.facts['compose.version'] = cli.version;
  ledger.add({ kind: 'engine', address: engine.address, project: composeProject(runId) });
  const override = join(runDir, 'compose.override.yml');
  await writeFile(override, overrideFile(file.config, published, runId), { mode: 0o600 });
  frame.watch = await EngineWatch.open(engine, runId, options.onLost);
  const secrets = [stack.secret, ...[...accesses.values()].flatMap((access) => access.secrets)];
  const launcher = await create({ options, stack, frame, group, override, secrets });
  await addUnits({ options, stack, frame, group, accesses, secrets, launcher });
}

async function readStack(options: StartOptions): Promise<Stack> {
  const { target, env, signal, runId } = options;
  const { files, profiles } = requireFiles(target);
  const engine = await requireEngine(env);
  const cli = await findCompose(env);
  const secret = randomBytes(18).toString('hex');
  const run = { runId, secret, profiles, project: composeProject(runId), engine: engine.address };
  const ours = composeEnv(env, run);
  const file = await readFiles(cli, files, { env: ours, signal, secrets: [secret] });
  const isComplete = target.services.every((service) => file.config.services.has(composeNameOf(service)));
  const everything = isComplete
    ? file
    : await readFiles(cli, files, { env: { ...ours, COMPOSE_PROFILES: '*' }, signal, secrets: [secret] });
  const placed = placeServices(target.services, file.config, everything.config);
  return { engine, cli, secret, composeEnv: ours, files, profiles, file, placed };
}

/** @throws MusterError (config) that names every store whose address is not known. */
function reachStores(
  placed: readonly Placed[],
  ports: Ports,
  variables: { readonly secret: string; readonly env: Env },
): ReadonlyMap<string, StoreAccess> {
  const accesses = new Map<string, StoreAccess>();
  const mistakes: string[] = [];
  for (const { service, compose } of placed) {
    if (service.kind === 'http') continue;
    const access = storeAccess(service, compose, heldBy(ports, service.name).port, variables);
    if (typeof access === 'string') mistakes.push(access);
    else accesses.set(service.name, access);
  }
  if (mistakes.length === 0) return accesses;
  throw new MusterError(`The addresses of the stores are not known:${mistakes.map((mistake) => `\n  - ${mistake}`).join('')}`, {
    code: 'MUSTER_COMPOSE_ADDRESS',
    blame: 'config',
    hint: 'Write services.<name>.url with user, password and database, for example postgres://app:${secret}@host/app; host and port are filled in.',
  });
}

function cannotOf(accesses: ReadonlyMap<string, StoreAccess>): Incapacities {
  const without = [...accesses].filter(([, { adminUrl }]) => adminUrl === null);
  const why = (name: string): string =>
    `Of "${name}" only the role of the target's own services is known; services.${name}.adminUrl in the target file would name another.`;
  return Object.fromEntries(without.map(([name]) => [`admin:${name}`, why(name)]));
}

function publications(placed: readonly Placed[], ports: Ports): ReadonlyMap<string, Publication> {
  return new Map(
    placed.map(({ service, compose, containerPort }) => [
      compose.name,
      { hostPort: heldBy(ports, service.name).port, containerPort, resources: service.resources },
    ]),
  );
}

interface Making {
  readonly options: StartOptions;
  readonly stack: Stack;
  readonly frame: Frame;
  readonly group: ServiceGroup;
  readonly secrets: readonly string[];
}

/** Makes the project, then lets compose start it in the background. */
async function create({ options, stack, frame, group, secrets, override }: Making & { readonly override: string }): Promise<Launcher> {
  const { engine, cli, files, profiles, file, placed } = stack;
  const name = composeProject(options.runId);
  const project = new ComposeProject({ cli, engine, project: name, files: [...files, override], profiles, env: stack.composeEnv, secrets });
  frame.project = project;
  const signal = AbortSignal.any([options.signal, group.closing]);
  await project.create(file.config, signal);
  const events = new ProjectEvents(engine, name);
  frame.events = events;
  await events.open();
  await releaseAll(frame.ports);
  const services = new Map(placed.map(({ service, compose }) => [compose.name, service]));
  return new Launcher({
    config: file.config,
    address: engine.address,
    events,
    startAll: () => project.start(signal),
    names: new Map(placed.map(({ service, compose }) => [compose.name, service.name])),
    ports: new Map([...frame.ports].map(([service, { port }]) => [port, service])),
    withinMs: (other) => {
      const service = services.get(other);
      return service === undefined ? STORE_WITHIN_MS : withinMsOf(service);
    },
    failures: group.startFailures,
    evidence: (container) => evidenceOf(engine.docker.getContainer(container), secrets),
  });
}

async function addUnits(
  making: Making & { readonly accesses: ReadonlyMap<string, StoreAccess>; readonly launcher: Launcher },
): Promise<void> {
  const { options, stack, frame, group, accesses, secrets, launcher } = making;
  const { watch, events } = frame;
  if (watch === null || events === null) throw new Error('invariant: the project was made before');
  const logs = join(options.runDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const awaited = awaitedHealthy(stack.file.config);
  for (const placed of stack.placed) {
    const { service, compose } = placed;
    const held = heldBy(frame.ports, service.name);
    const plan = planUnit(placed, {
      engine: stack.engine,
      port: held.port,
      access: accesses.get(service.name) ?? null,
      secrets,
      awaited: awaited.has(compose.name),
      state: () => events.states.get(compose.name) ?? null,
      started: (signal) => launcher.started(compose.name, signal),
      release: () => held.release(),
      facts: group.facts,
      factPrefix: factPrefixOf(service, options.target.services),
    });
    const log = new LogFile(join(logs, `${service.name}.log`), secrets);
    group.add(new ContainerUnit(plan, { watch, log, onExit: (exit) => group.exited(exit), closing: group.closing }));
  }
}
