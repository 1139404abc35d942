import type Docker from 'dockerode';
import type { ContainerPlan } from '../containers/container-plan.ts';
import type { Engine } from '../containers/engine.ts';
import { engineError } from '../containers/engine-errors.ts';
import { describeImage } from '../containers/images.ts';
import { httpAddress } from '../http-service.ts';
import { httpProbe, postgresProbe, type Probe, redisProbe } from '../probes.ts';
import type { Inspection } from '../service-plan.ts';
import type { StoreAccess } from './address.ts';
import type { ServiceState } from './project-events.ts';
import type { Placed } from './resolve.ts';
import { inspectPostgres, inspectRedis, type StoreLook } from './stores.ts';

/** Stores have no `ready.within` of their own; an image may make its data directory first. */
export const STORE_WITHIN_MS = 60_000;

export interface UnitContext {
  readonly engine: Engine;
  readonly port: number;
  /** null for a service of the target that is no store. */
  readonly access: StoreAccess | null;
  readonly secrets: readonly string[];
  /** Others wait for its healthcheck. */
  readonly awaited: boolean;
  readonly state: () => ServiceState | null;
  readonly started: (signal: AbortSignal) => Promise<void>;
  readonly release: () => Promise<void>;
  readonly facts: Record<string, string>;
  readonly factPrefix: string;
}

/** A service of the compose file as a unit of ours: compose has made its container, and starts it the first time. */
export function planUnit({ service, compose }: Placed, context: UnitContext): ContainerPlan {
  const { access, port, secrets } = context;
  const url = access?.url ?? httpAddress(port).url;
  const adminUrl = access === null ? url : access.adminUrl;
  const widest = adminUrl ?? url;
  return {
    name: service.name,
    kind: service.kind,
    url,
    adminUrl,
    port,
    secrets,
    stopMs: compose.stopMs,
    withinMs: withinMsOf(service),
    probe: withHealth(service.kind === 'http' ? httpProbe(port, service.ready, secrets) : storeProbe(service.kind, widest), context),
    async obtain(signal, created) {
      const container = context.state()?.container;
      if (container !== undefined) created(container);
      await context.started(signal);
    },
    inspect: () => inspect(service, widest, context),
    release: context.release,
  };
}

export function withinMsOf(service: Placed['service']): number {
  return service.kind === 'http' ? service.ready.withinMs : STORE_WITHIN_MS;
}

function storeProbe(kind: 'postgres' | 'redis', url: string): Probe {
  return kind === 'postgres' ? postgresProbe({ connectionString: url }) : redisProbe(url);
}

/**
 * Until it is ready for the first time the engine's word counts too: a healthcheck that fails is a failed start, and one that others
 * wait for must have become green.
 */
function withHealth(probe: Probe, { awaited, state }: UnitContext): Probe {
  let wasReady = false;
  return async () => {
    const sighting = await probe();
    if (!sighting.ready || wasReady) return sighting;
    const health = state()?.health ?? null;
    wasReady = awaited ? health === 'healthy' : health !== 'unhealthy';
    return wasReady ? sighting : { ready: false, seen: `${sighting.seen}, but its healthcheck is ${health ?? 'not green yet'}` };
  };
}

async function inspect(service: Placed['service'], url: string, context: UnitContext): Promise<Inspection> {
  const id = context.state()?.container;
  if (id === undefined) return { version: null, identity: {} };
  const { engine, facts, factPrefix } = context;
  const container = engine.docker.getContainer(id);
  facts[`${service.name}.image`] = await imageOf(container, service.name, engine);
  if (service.kind === 'http') return { version: null, identity: {} };
  const look: StoreLook = { url, facts, factPrefix, container };
  return service.kind === 'postgres' ? await inspectPostgres(service, look) : await inspectRedis(look);
}

/** What it was made from: its image's name may mean something else by now. */
async function imageOf(container: Docker.Container, service: string, engine: Engine): Promise<string> {
  try {
    const { Config, Image } = await container.inspect();
    return describeImage({ name: Config.Image, id: Image });
  } catch (error) {
    throw engineError(error, `describe the container of "${service}"`, engine.address);
  }
}
