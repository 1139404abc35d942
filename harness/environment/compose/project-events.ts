import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { messageOf, type MusterError } from '../../model/errors.ts';
import type { Engine } from '../containers/engine.ts';
import { engineError, isGone } from '../containers/engine-errors.ts';
import { Lines } from '../containers/lines.ts';
import { COMPOSE_PROJECT_LABEL } from '../containers/labels.ts';

export const COMPOSE_SERVICE_LABEL = 'com.docker.compose.service';

/** What is known of the container of one service. */
export interface ServiceState {
  readonly container: string;
  /** It was started at least once. */
  readonly started: boolean;
  readonly running: boolean;
  /** Of its last end; null before that. */
  readonly exitCode: number | null;
  /** As the engine says it; null: no healthcheck, or none has been heard of. */
  readonly health: string | null;
}

const CREATED = { started: false, running: false, exitCode: null, health: null };

/** Follows the life of a compose project's containers over the engine's events, while compose starts them. Close it. */
export class ProjectEvents {
  readonly #engine: Engine;
  readonly #project: string;
  readonly #states = new Map<string, ServiceState>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #stream: Readable | null = null;
  #closed = false;

  constructor(engine: Engine, project: string) {
    this.#engine = engine;
    this.#project = project;
  }

  /** Listens, and reads what there is. @throws MusterError (environment) when the engine does not answer. */
  async open(): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], label: [this.#label] });
    const stream = (await this.#ask(({ docker }) => docker.getEvents({ filters }))) as Readable;
    if (this.#closed) {
      stream.destroy();
      return;
    }
    const lines = new Lines();
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      for (const line of lines.take(chunk)) this.#heard(line);
    });
    stream.on('error', () => undefined); // what was missed is read when compose has ended
    await this.refresh();
  }

  /** Asks the engine instead of waiting to be told. @throws as `open`. */
  async refresh(): Promise<void> {
    const filters = { label: [this.#label] };
    const containers = await this.#ask(({ docker }) => docker.listContainers({ all: true, filters }));
    await Promise.all(
      containers.map(async ({ Id, Labels }) => {
        const State = await this.#stateOf(Id);
        if (State === null) return;
        const started = !State.StartedAt.startsWith('0001-');
        const exitCode = started && !State.Running ? State.ExitCode : null;
        const service = Labels[COMPOSE_SERVICE_LABEL] ?? '';
        this.#set(service, { container: Id, started, running: State.Running, exitCode, health: State.Health?.Status ?? null });
      }),
    );
  }

  get states(): ReadonlyMap<string, ServiceState> {
    return this.#states;
  }

  /** Resolves as soon as `isSo` holds of the service's state. @throws the signal's reason when it aborts. */
  async until(service: string, isSo: (state: ServiceState | null) => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo(this.#states.get(service) ?? null)) await once(this.#changes, service, { signal });
  }

  close(): void {
    this.#closed = true;
    this.#stream?.destroy();
  }

  get #label(): string {
    return `${COMPOSE_PROJECT_LABEL}=${this.#project}`;
  }

  async #stateOf(id: string): Promise<Docker.ContainerInspectInfo['State'] | null> {
    try {
      return (await this.#engine.docker.getContainer(id).inspect()).State;
    } catch (error) {
      if (isGone(error)) return null;
      throw this.#failure(error);
    }
  }

  async #ask<T>(request: (engine: Engine) => Promise<T>): Promise<T> {
    try {
      return await request(this.#engine);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): MusterError {
    return engineError(error, `say how the project ${this.#project} is`, this.#engine.address);
  }

  #heard(line: string): void {
    const event = parseProjectEvent(line);
    if (event === null) return;
    const { service, container } = event;
    const known = this.#states.get(service);
    this.#set(service, { ...(known?.container === container ? known : { container, ...CREATED }), ...event.change });
  }

  #set(service: string, state: ServiceState): void {
    this.#states.set(service, state);
    this.#changes.emit(service);
  }
}

export interface ProjectEvent {
  readonly service: string;
  readonly container: string;
  readonly change: Partial<ServiceState>;
}

/** One line of the event stream; null when it changes nothing that is followed here. */
export function parseProjectEvent(line: string): ProjectEvent | null {
  const { Action, Actor } = parseObject(line);
  const { ID, Attributes } = objectOf(Actor);
  const { [COMPOSE_SERVICE_LABEL]: service, exitCode } = objectOf(Attributes);
  if (typeof Action !== 'string' || typeof ID !== 'string' || typeof service !== 'string') return null;
  const change = changeOf(Action, exitCode);
  return change === null ? null : { service, container: ID, change };
}

function changeOf(action: string, exitCode: unknown): Partial<ServiceState> | null {
  if (action === 'start') return { started: true, running: true, health: null };
  if (action === 'die') return { running: false, exitCode: typeof exitCode === 'string' ? Number(exitCode) : null };
  const health = /^health_status: (\w+)/.exec(action)?.[1];
  return health === undefined ? null : { health };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(line));
  } catch (error) {
    return { unreadable: messageOf(error) }; // a line cut short by the end of the stream
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
