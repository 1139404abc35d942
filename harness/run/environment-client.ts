import type { StartedEnvironment } from '../environment/index.ts';
import type { AddressProof, FaultProof, ResourceReading, RunningService, ServiceExit } from '../model/environment.ts';
import { messageOf } from '../model/errors.ts';
import type { StackState } from './stack-protocol.ts';
import { linkToStack, type StackLink } from './stack-link.ts';

export interface JoinOptions {
  readonly socketPath: string;
  readonly runId: string;
  /** Called when the stack is gone: taken down, or its keeper died. */
  readonly onLost: (reason: string) => void;
}

/**
 * Joins a stack that another process holds, as the one run that works with it. Disposal leaves it as it was found: what this run
 * stopped is started again, nothing else is touched.
 * @throws MusterError (config) when there is no stack, or another run has it.
 */
export async function joinStack({ socketPath, runId, onLost }: JoinOptions): Promise<JoinedEnvironment> {
  const exits = new ExitNews();
  const link = await linkToStack(socketPath, { exited: async (exit, services) => exits.tell(exit, services) });
  try {
    const state = await link.stack.join({ runId, pid: process.pid });
    const joined = new JoinedEnvironment(link, state, exits);
    void link.lost.then(() => {
      joined.lost();
      onLost(`the stack of \`muster up\` is gone: process ${String(state.pid)}, which held it, ended the connection`);
    });
    return joined;
  } catch (error) {
    link[Symbol.dispose]();
    throw error;
  }
}

/** Exits may be told before anybody listens. */
class ExitNews {
  readonly #seen: ServiceExit[] = [];
  readonly #listeners: ((exit: ServiceExit) => void)[] = [];
  onServices: (services: readonly RunningService[]) => void = () => {};

  tell(exit: ServiceExit, services: readonly RunningService[]): void {
    this.onServices(services);
    this.#seen.push(exit);
    for (const listener of this.#listeners) listener(exit);
  }

  listen(listener: (exit: ServiceExit) => void): void {
    this.#listeners.push(listener);
    for (const exit of this.#seen) listener(exit);
  }
}

/** An environment that another process holds. */
export class JoinedEnvironment implements StartedEnvironment {
  readonly state: StackState;
  readonly provider: string;
  readonly reason: string;
  readonly cannot: StartedEnvironment['cannot'];
  readonly services = new Map<string, RunningService>();
  readonly startFailures: Map<string, StartedEnvironment['startFailures'] extends ReadonlyMap<string, infer Failure> ? Failure : never> =
    new Map();
  readonly facts: Record<string, string>;
  readonly #link: StackLink;
  readonly #exits: ExitNews;
  readonly #restartsBefore: ReadonlyMap<string, number>;
  #left: Promise<readonly string[]> | null = null;
  #isLost = false;

  constructor(link: StackLink, state: StackState, exits: ExitNews) {
    this.#link = link;
    this.#exits = exits;
    this.state = state;
    this.provider = state.environment.provider;
    this.reason = state.environment.reason;
    this.cannot = state.environment.cannot;
    this.facts = { ...state.environment.facts };
    this.#restartsBefore = new Map(state.services.map(({ name, restarts }) => [name, restarts]));
    this.#see(state.services);
    exits.onServices = (services) => this.#see(services);
  }

  async stop(service: string, how: 'stop' | 'kill'): Promise<FaultProof> {
    const { proof, services } = await this.#link.stack.stop(service, how);
    this.#see(services);
    return proof;
  }

  async start(service: string): Promise<FaultProof> {
    const { proof, services } = await this.#link.stack.start(service);
    this.#see(services);
    return proof;
  }

  /** Only exits since this run joined. */
  onUnexpectedExit(listener: (exit: ServiceExit) => void): void {
    this.#exits.listen(listener);
  }

  /** Only lines written since this run joined; none once the stack is gone. */
  async logTail(service: string, lines: number): Promise<readonly string[]> {
    return this.#isLost ? [] : this.#link.stack.logTail(service, lines);
  }

  addressProof(service: string): Promise<AddressProof> {
    return this.#link.stack.addressProof(service);
  }

  /** A keeper whose own environment is lost ends, and with it the connection. */
  async stillCarried(): Promise<boolean> {
    try {
      return !this.#isLost && (await this.#link.stack.stillCarried());
    } catch {
      return false; // the connection has ended, which is told to whoever joined
    }
  }

  reading(service: string): Promise<ResourceReading | null> {
    return this.#link.stack.reading(service);
  }

  /** What this run stopped and could not be started again. */
  async audit(): Promise<readonly string[]> {
    return this.#leave();
  }

  lost(): void {
    this.#isLost = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
    this.#link[Symbol.dispose]();
  }

  #leave(): Promise<readonly string[]> {
    this.#left ??= this.#tellToLeave();
    return this.#left;
  }

  /** When the stack is gone, those who ended it put it away. */
  async #tellToLeave(): Promise<readonly string[]> {
    if (this.#isLost) return [];
    try {
      return await this.#link.stack.leave();
    } catch (error) {
      return this.#isLost ? [] : [`the stack could not be asked to put back what this run stopped: ${messageOf(error)}`];
    }
  }

  /** Starts before this run are no business of its report. */
  #see(services: readonly RunningService[]): void {
    for (const service of services) {
      const restarts = service.restarts - (this.#restartsBefore.get(service.name) ?? 0);
      this.services.set(service.name, { ...service, restarts, readyMs: restarts === 0 ? null : service.readyMs });
    }
  }
}
