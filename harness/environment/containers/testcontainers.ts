import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import type Docker from 'dockerode';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import { MusterError } from '../../model/errors.ts';
import type { ResourceLimits } from '../../model/target.ts';
import { HOST } from '../placeholders.ts';
import type { Engine } from './engine.ts';
import { engineError } from './engine-errors.ts';
import { runLabels } from './labels.ts';

/** Anonymous volumes, logs and shared memory of one container never fill the host. */
const LOG_LIMITS = { 'max-size': '16m', 'max-file': '2' };

/** What a container is like beyond what testcontainers has methods for. */
export interface ContainerShape {
  readonly runId: string;
  /** Content id of the image; its name may be moved, or taken away, by somebody else meanwhile. */
  readonly imageId: string;
  readonly network: string;
  /** The name others of the run reach it by. */
  readonly alias: string;
  /** On 127.0.0.1. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** null: the image's own. */
  readonly command: readonly string[] | null;
  readonly resources: ResourceLimits;
  /** Paths the image wants volumes at: they get ours, which carry the run's label. */
  readonly volumes: readonly string[];
  readonly shmBytes?: number;
  /** Called with its id before it is started. */
  readonly created: (container: string) => void;
}

/** Readiness is judged from outside, by the same probes for every provider. */
const AT_ONCE: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => AT_ONCE,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

/**
 * Writes what testcontainers has no method for, or does otherwise: an init process (as PID 1 Postgres would take an orphan of somebody
 * else for a crashed backend), a fixed port on loopback (it publishes on every address), one network instead of two, labelled volumes,
 * no health check (ours are the probes; theirs would run for the container's whole life), an environment without its default passwords.
 */
function giveShape(create: Docker.ContainerCreateOptions, host: Docker.HostConfig, shape: ContainerShape): void {
  const port = `${String(shape.containerPort)}/tcp`;
  const labels = runLabels(shape.runId);
  Object.assign(create, {
    Image: shape.imageId,
    Env: Object.entries(shape.env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...create.Labels, ...labels },
    ExposedPorts: { [port]: {} },
    Healthcheck: { Test: ['NONE'] },
    NetworkingConfig: { EndpointsConfig: { [shape.network]: { Aliases: [shape.alias] } } },
    ...(shape.command === null ? {} : { Cmd: [...shape.command] }),
  });
  Object.assign(host, {
    Init: true,
    PortBindings: { [port]: [{ HostIp: HOST, HostPort: String(shape.hostPort) }] },
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: LOG_LIMITS },
    Mounts: shape.volumes.map((path) => ({ Type: 'volume', Source: '', Target: path, VolumeOptions: { Labels: labels } })),
    ...(shape.shmBytes === undefined ? {} : { ShmSize: shape.shmBytes }),
    ...(shape.resources.memoryBytes === null ? {} : { Memory: shape.resources.memoryBytes, MemorySwap: shape.resources.memoryBytes }),
    ...(shape.resources.cpus === null ? {} : { NanoCpus: Math.round(shape.resources.cpus * 1e9) }),
  });
}

/** A container of the target's own services. */
export class ServiceContainer extends GenericContainer {
  readonly #shape: ContainerShape;

  constructor(shape: ContainerShape) {
    super(shape.imageId);
    this.#shape = shape;
    this.withAutoCleanup(false).withWaitStrategy(AT_ONCE).withNetworkMode(shape.network);
  }

  protected override beforeContainerCreated(): Promise<void> {
    giveShape(this.createOpts, this.hostConfig, this.#shape);
    return Promise.resolve();
  }

  protected override containerCreated(container: string): Promise<void> {
    this.#shape.created(container);
    return Promise.resolve();
  }
}

export class PostgresContainer extends PostgreSqlContainer {
  readonly #shape: ContainerShape;

  constructor(shape: ContainerShape) {
    super(shape.imageId);
    this.#shape = shape;
    this.withAutoCleanup(false).withWaitStrategy(AT_ONCE).withNetworkMode(shape.network);
    // Keeps it from adding its own, which goes through a shell; what counts is the shape's.
    this.healthCheck = { test: ['CMD', 'true'] };
  }

  protected override beforeContainerCreated(): Promise<void> {
    giveShape(this.createOpts, this.hostConfig, this.#shape);
    // Fast shutdown; SIGTERM would wait for clients to leave.
    this.createOpts.StopSignal = 'SIGINT';
    return Promise.resolve();
  }

  protected override containerCreated(container: string): Promise<void> {
    this.#shape.created(container);
    return Promise.resolve();
  }
}

export class RedisStoreContainer extends RedisContainer {
  readonly #shape: ContainerShape;

  constructor(shape: ContainerShape) {
    super(shape.imageId);
    this.#shape = shape;
    this.withAutoCleanup(false).withWaitStrategy(AT_ONCE).withNetworkMode(shape.network);
  }

  protected override beforeContainerCreated(): Promise<void> {
    giveShape(this.createOpts, this.hostConfig, this.#shape);
    return Promise.resolve();
  }

  protected override containerCreated(container: string): Promise<void> {
    this.#shape.created(container);
    return Promise.resolve();
  }
}

export type Startable = { start(): Promise<StartedTestContainer> };

/**
 * Makes testcontainers talk to this engine, without the container it would start to clean up: our ledger and watchdog do that, per run.
 * @throws MusterError (config) when its own settings name another engine; (environment) when the engine does not answer it.
 */
export async function useEngine({ address, docker }: Engine): Promise<void> {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  process.env['DOCKER_HOST'] ??= address;
  // It would be put before the content ids of images that are here already.
  delete process.env['TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX'];
  const theirs = await theirPlace(address);
  const ours = placeOf(docker);
  if (theirs === ours) return;
  throw new MusterError(`testcontainers uses the engine at ${theirs}, but ${ours} was found.`, {
    code: 'MUSTER_DOCKER_HOST',
    blame: 'config',
    hint: 'Set DOCKER_HOST to the engine to use, and remove tc.host from ~/.testcontainers.properties.',
  });
}

async function theirPlace(address: string): Promise<string> {
  try {
    return placeOf((await getContainerRuntimeClient()).container.dockerode);
  } catch (error) {
    throw engineError(error, 'be used by testcontainers', address);
  }
}

function placeOf({ modem }: Docker): string {
  const { socketPath, host, port } = modem as { socketPath?: string; host?: string; port?: string | number };
  return socketPath ?? `${host ?? ''}:${String(port ?? '')}`;
}
