import { monotonicMs } from '../model/clock.ts';
import type { AddressProof, Environment, FaultProof, ResourceReading, ServiceExit } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import type { StartFailure } from './errors.ts';
import type { ManagedUnit } from './managed-unit.ts';

/** All of disposal has this long; what has not ended by itself is killed. */
const DISPOSE_MS = 2_000;
const GRACE_MS = 800;

export interface ServiceGroupOptions {
  readonly provider: string;
  readonly cannot: Environment['cannot'];
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  /** Written while services start. */
  readonly facts: Record<string, string>;
  /** Removes what belongs to the run beside its services: strays, networks, the run's folder. Called once, after every service is gone. */
  readonly cleanUp: () => Promise<void>;
  /** As `Environment.stillCarried`; nothing carries processes of this machine. */
  readonly stillCarried?: () => Promise<boolean>;
  /** What of the run is still there, in words. */
  readonly leftovers: (services: ReadonlyMap<string, ManagedUnit>) => Promise<readonly string[]>;
}

/** The environment of every provider that starts services itself: what differs between them is in the units and the options. */
export class ServiceGroup implements Environment {
  readonly provider: string;
  readonly cannot: Environment['cannot'];
  readonly services = new Map<string, ManagedUnit>();
  readonly startFailures = new Map<string, StartFailure>();
  readonly facts: Record<string, string>;
  /** Set once it is known what the services are run with. */
  reason = '';
  readonly #options: ServiceGroupOptions;
  readonly #closing = new AbortController();
  readonly #listeners: ((exit: ServiceExit) => void)[] = [];
  readonly #exits: ServiceExit[] = [];
  #disposal: Promise<void> | null = null;

  constructor(options: ServiceGroupOptions) {
    this.#options = options;
    this.provider = options.provider;
    this.cannot = options.cannot;
    this.facts = options.facts;
  }

  /** Aborts when disposal begins: nothing may be started from then on. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  add(unit: ManagedUnit): void {
    this.services.set(unit.name, unit);
  }

  /** To be called once per unexpected exit of a service. */
  exited(exit: ServiceExit): void {
    this.#exits.push(exit);
    for (const listener of this.#listeners) listener(exit);
  }

  stop(service: string, how: 'stop' | 'kill'): Promise<FaultProof> {
    return this.unit(service).stop(how);
  }

  start(service: string): Promise<FaultProof> {
    return this.unit(service).start();
  }

  /** A listener also hears of exits that happened before it came. */
  onUnexpectedExit(listener: (exit: ServiceExit) => void): void {
    this.#listeners.push(listener);
    for (const exit of this.#exits) listener(exit);
  }

  logTail(service: string, lines: number): Promise<readonly string[]> {
    return this.unit(service).logTail(lines);
  }

  addressProof(service: string): Promise<AddressProof> {
    return this.unit(service).addressProof();
  }

  reading(service: string): Promise<ResourceReading | null> {
    return this.unit(service).reading();
  }

  async stillCarried(): Promise<boolean> {
    return (await this.#options.stillCarried?.()) ?? true;
  }

  audit(): Promise<readonly string[]> {
    return this.#options.leftovers(this.services);
  }

  /** Ends everything of the run. Takes 3 s at most; harmless twice, and after the run was aborted. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    this.#closing.abort(closed());
    const deadlineMs = monotonicMs() + DISPOSE_MS;
    const ends = new Map<string, Promise<void>>();
    const end = (name: string): Promise<void> => {
      const known = ends.get(name);
      if (known !== undefined) return known;
      const users = [...this.services.keys()].filter((other) => this.#options.dependsOn.get(other)?.includes(name) === true);
      const ended = Promise.all(users.map(end)).then(() => {
        const leftMs = Math.max(0, deadlineMs - monotonicMs());
        return this.services.get(name)?.discard(Math.min(GRACE_MS, leftMs));
      });
      ends.set(name, ended);
      return ended;
    };
    const ended = await Promise.allSettled([...this.services.keys()].map(end));
    await this.#options.cleanUp();
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
  }

  /** @throws MusterError when the target has no such service. */
  unit(name: string): ManagedUnit {
    const service = this.services.get(name);
    if (service !== undefined) return service;
    throw new MusterError(`There is no service "${name}" in this environment; there are: ${[...this.services.keys()].join(', ')}.`, {
      code: 'MUSTER_UNKNOWN_SERVICE',
      blame: 'harness',
      hint: 'Use the name the service has in the target file.',
    });
  }
}

function closed(): MusterError {
  return new MusterError('The environment is being disposed of; nothing can be started in it any more.', {
    code: 'MUSTER_ENVIRONMENT_CLOSED',
    blame: 'harness',
    hint: 'Start services only while the environment is open.',
  });
}
