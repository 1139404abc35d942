import type { HttpService } from '../../model/target.ts';
import { type Address, fillStart } from '../placeholders.ts';
import { httpAddress } from '../http-service.ts';
import type { HeldPort } from '../ports.ts';
import { httpProbe } from '../probes.ts';
import type { ContainerPlan } from './container-plan.ts';
import type { Engine } from './engine.ts';
import type { HttpImages } from './http-images.ts';
import { startContainer } from './start-container.ts';
import { type ContainerShape, ServiceContainer } from './testcontainers.ts';

const STOP_MS = 5_000;
/** Every address of its container: it is published on loopback only. */
const ANY = '0.0.0.0';

export interface HttpContext {
  readonly engine: Engine;
  readonly runId: string;
  readonly network: Promise<string>;
  readonly held: HeldPort;
  readonly images: Promise<HttpImages>;
  /** What the stores are reached at from inside the network. */
  readonly stores: ReadonlyMap<string, Address>;
  readonly secrets: readonly string[];
}

/** A service of the target in a container of its image. A wrong placeholder shows when it is obtained: (config). */
export function planHttp(service: HttpService, context: HttpContext): ContainerPlan {
  const { engine, held } = context;
  const { url } = httpAddress(held.port);
  return {
    name: service.name,
    kind: 'http',
    url,
    adminUrl: url,
    port: held.port,
    secrets: context.secrets,
    stopMs: STOP_MS,
    withinMs: service.ready.withinMs,
    probe: httpProbe(held.port, service.ready, context.secrets),
    release: () => held.release(),
    async obtain(signal, created) {
      const [network, images] = await Promise.all([context.network, context.images]);
      const image = images.imageOf(service.name);
      const shape: Omit<ContainerShape, 'created'> = {
        runId: context.runId,
        imageId: image.id,
        network,
        alias: service.name,
        hostPort: held.port,
        containerPort: images.portOf(service.name),
        ...filled(service, context.stores, images),
        resources: service.resources,
        volumes: image.volumes,
      };
      const make = (onCreated: (id: string) => void) => new ServiceContainer({ ...shape, created: onCreated });
      await startContainer({ engine, service: service.name, held, signal, make, created });
    },
    inspect: () => Promise.resolve({ version: null, identity: {} }),
  };
}

/** Placeholders stand for the addresses inside of the network. */
function filled(
  service: HttpService,
  stores: ReadonlyMap<string, Address>,
  images: HttpImages,
): { readonly command: readonly string[] | null; readonly env: Readonly<Record<string, string>> } {
  const addresses = new Map(stores);
  for (const [name, port] of images.ports) addresses.set(name, { url: `http://${name}:${String(port)}`, port });
  const { name, env, containerCommand } = service;
  const { command, env: values } = fillStart({ name, env, command: containerCommand ?? [] }, addresses, ANY);
  return {
    command: containerCommand === null ? null : command,
    env: { ...values, PORT: String(images.portOf(name)), HOST: ANY },
  };
}
