import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MusterError } from '../../model/errors.ts';
import type { HttpService, TargetService } from '../../model/target.ts';
import { abortable } from '../abortable.ts';
import { leftoversOf, removeDirectory } from '../clean-up.ts';
import { heldBy, holdPorts, type Ports, releaseAll } from '../hold-ports.ts';
import { LogFile } from '../log-file.ts';
import type { StartedEnvironment, StartOptions } from '../provider.ts';
import { ServiceGroup } from '../service-group.ts';
import { requireStartOrder, startAll } from '../start-all.ts';
import { Background } from './background.ts';
import type { ContainerPlan } from './container-plan.ts';
import { ContainerUnit } from './container-unit.ts';
import { type Engine, requireEngine } from './engine.ts';
import { removeRunResources, runResources } from './engine-clean-up.ts';
import { engineError } from './engine-errors.ts';
import { EngineWatch } from './engine-watch.ts';
import { obtainHttpImages } from './http-images.ts';
import { planHttp } from './http-plan.ts';
import { storeImages } from './image-names.ts';
import { describeImage, obtainImage } from './images.ts';
import { composeProject, runLabels } from './labels.ts';
import { preparePostgres } from './prepared-postgres.ts';
import { planPostgres, planRedis, type StoreContext, type StorePlan } from './store-plans.ts';
import { useEngine } from './testcontainers.ts';

/** Disposal is promised within 3 s; whatever the engine has not done by then is left to the watchdog, and said. */
const CLEAN_UP_MS = 8_000;
/** What an engine does not answer for this long after the run was stopped is not waited for. */
const HANGS_MS = 2_000;
const STORE_HINT = 'Read the log lines above; `scripts/images build` makes the images of the stores anew.';

/** @throws as `startContainers`. */
export async function startInContainers(options: StartOptions): Promise<StartedEnvironment> {
  const { target, signal, onProgress, ledger, runId } = options;
  signal.throwIfAborted();
  requireStartOrder(target.services);
  requireImages(target.services);
  const engine = await requireEngine(options.env);
  ledger.add({ kind: 'engine', address: engine.address, project: composeProject(runId) });
  const watch = await EngineWatch.open(engine, runId, options.onLost);
  const background = new Background();
  const group = containerGroup(options, watch, background);
  const start = async (): Promise<void> => {
    await addServices(options, group, { watch, background });
    await startAll(group, { services: target.services, signal, onProgress, storeHint: STORE_HINT });
  };
  try {
    await abortable(start(), signal, HANGS_MS);
    return group;
  } catch (error) {
    await group[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  }
}

function containerGroup({ ledger, runDir, runId }: StartOptions, watch: EngineWatch, background: Background): ServiceGroup {
  const { engine } = watch;
  return new ServiceGroup({
    provider: 'containers',
    cannot: {},
    // Their data goes with them: nobody has to end before anybody else.
    dependsOn: new Map(),
    facts: {},
    stillCarried: () => watch.stillThere(),
    async cleanUp() {
      // A network that is still being made would come after everything is removed.
      await Promise.race([background.settled(), delay(HANGS_MS, undefined, { ref: false })]);
      const gone = watch.lost;
      watch.close();
      if (!gone) await removeRunResources(engine, runId, { deadlineMs: CLEAN_UP_MS });
      await removeDirectory(runDir);
    },
    leftovers: async () => [...leftoversOf({ runId, entries: ledger.entries() }), ...(await runResources(engine, runId))],
  });
}

/** @throws MusterError (config) when a service says only how to run it as a process. */
function requireImages(services: readonly TargetService[]): void {
  const without = services.flatMap((service) =>
    service.kind === 'http' && service.image === null && service.build === null ? [`"${service.name}"`] : [],
  );
  if (without.length === 0) return;
  throw new MusterError(
    `The provider containers cannot start ${without.join(', ')}: the target file gives neither \`image\` nor \`build\`.`,
    {
      code: 'MUSTER_NO_IMAGE',
      blame: 'config',
      hint: 'Write services.<name>.image or services.<name>.build, or choose --provider local.',
    },
  );
}

/** Holds the ports and plans every service. Network, images and builds are under way from here on; whoever needs one waits for it. */
async function addServices(
  options: StartOptions,
  group: ServiceGroup,
  { watch, background }: { readonly watch: EngineWatch; readonly background: Background },
): Promise<void> {
  const { engine } = watch;
  const signal = AbortSignal.any([options.signal, group.closing]);
  const logs = join(options.runDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const ports = await holdPorts(options.target.services);
  try {
    await Promise.all([useEngine(engine), engineFacts(engine, group.facts)]);
    signal.throwIfAborted();
    group.reason = `containers of the engine at ${engine.address}`;
    for (const plan of planServices({ ...options, signal }, { engine, ports, facts: group.facts, background })) {
      const log = new LogFile(join(logs, `${plan.name}.log`), plan.secrets);
      group.add(new ContainerUnit(plan, { watch, log, onExit: (exit) => group.exited(exit), closing: group.closing }));
    }
  } catch (error) {
    await releaseAll(ports);
    throw error;
  }
}

async function engineFacts(engine: Engine, facts: Record<string, string>): Promise<void> {
  try {
    facts['engine.version'] = (await engine.docker.version()).Version;
  } catch (error) {
    throw engineError(error, 'say its version', engine.address);
  }
  facts['engine.address'] = engine.address;
}

interface PlanContext {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly facts: Record<string, string>;
  readonly background: Background;
}

function planServices(options: StartOptions, context: PlanContext): readonly ContainerPlan[] {
  const { target, runId, signal, onProgress } = options;
  const { background } = context;
  const network = background.add(makeNetwork(context.engine, runId));
  const stores = new Map<string, StorePlan>();
  for (const service of target.services) {
    if (service.kind !== 'http') stores.set(service.name, planStore(service, network, options, context));
  }
  const http = target.services.filter((service): service is HttpService => service.kind === 'http');
  const secrets = [...stores.values()].flatMap(({ plan }) => plan.secrets);
  const inner = new Map([...stores].map(([name, store]) => [name, store.inner]));
  const images = background.add(obtainHttpImages(context.engine, http, { target: target.name, runId, signal, secrets, onProgress }));
  const withFacts = background.add(
    images.then((found) => {
      for (const { name } of http) context.facts[`${name}.image`] = describeImage(found.imageOf(name));
      return found;
    }),
  );
  return [
    ...[...stores.values()].map(({ plan }) => plan),
    ...http.map((service) =>
      planHttp(service, {
        engine: context.engine,
        runId,
        network,
        held: heldBy(context.ports, service.name),
        images: withFacts,
        stores: inner,
        secrets,
      }),
    ),
  ];
}

function planStore(
  service: Exclude<TargetService, HttpService>,
  network: Promise<string>,
  options: StartOptions,
  { engine, ports, facts, background }: PlanContext,
): StorePlan {
  const { target, runId, runDir, signal, onProgress } = options;
  const isFirst = target.services.find(({ kind }) => kind === service.kind) === service;
  const factPrefix = isFirst ? service.kind : service.name;
  const context: StoreContext = { engine, runId, network, held: heldBy(ports, service.name), facts, factPrefix };
  const base = obtainImage(engine, storeImages(service), { service: service.name, signal, onProgress }).then((image) => {
    facts[`${service.name}.image`] = describeImage(image);
    return image;
  });
  if (service.kind === 'redis') return planRedis(service, context, background.add(base));
  const prepared = base.then((image) => preparePostgres(engine, { base: image, service: service.name, runId, runDir, signal, onProgress }));
  return planPostgres(service, context, background.add(prepared));
}

async function makeNetwork(engine: Engine, runId: string): Promise<string> {
  const name = composeProject(runId);
  try {
    // Not with testcontainers, which gives networks neither our name nor our label.
    await engine.docker.createNetwork({ Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: { ...runLabels(runId) } });
    return name;
  } catch (error) {
    throw engineError(error, `make the network ${name}`, engine.address);
  }
}
