import type { Server, Socket } from 'node:net';
import { logEnd, readLog, type LogPosition, type StartedEnvironment } from '../environment/index.ts';
import type { ServiceExit } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import { openChannel, type Channel } from './channel.ts';
import { Lease } from './lease.ts';
import { describeExit } from './own-criteria.ts';
import { plainService } from './plain-service.ts';
import { listenPrivately } from './private-socket.ts';
import { STACK_CHANNEL, type GuestApi, type StackApi, type StackFacts, type StackGuest, type StackState } from './stack-protocol.ts';

export interface EnvironmentServerOptions {
  readonly socketPath: string;
  readonly environment: StartedEnvironment;
  readonly facts: StackFacts;
  /** File that a service's log is in; it need not exist. */
  readonly logPath: (service: string) => string;
  /** Values that must not appear in log lines. */
  readonly secrets: readonly string[];
  /** An address as it may be told to whoever does not work with the stack. */
  readonly shown: (address: string) => string;
  /** What a run that vanished had stopped and could not be started again, in words. */
  readonly onProblem: (text: string) => void;
}

/** Serves a started environment to other processes of this user. Disposal ends every connection; the environment stays. */
export async function serveEnvironment(options: EnvironmentServerOptions): Promise<AsyncDisposable> {
  const stack = new ServedStack(options);
  const server: Server = await listenPrivately(options.socketPath, (socket) => stack.serve(socket));
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await stack.close();
    },
  };
}

/** The run that works with the stack. */
interface Guest extends StackGuest {
  readonly socket: Socket;
  readonly lease: Lease;
  readonly remote: GuestApi;
  /** Where the log of each service that ran ended when it came. */
  readonly logs: ReadonlyMap<string, LogPosition>;
  /** Set while what it stopped is being started again. */
  leaving: Promise<readonly string[]> | null;
}

class ServedStack {
  readonly #options: EnvironmentServerOptions;
  readonly #channels = new Set<Channel<GuestApi>>();
  readonly #exits = new Map<string, ServiceExit>();
  #guest: Guest | null = null;

  constructor(options: EnvironmentServerOptions) {
    this.#options = options;
    options.environment.onUnexpectedExit((exit) => this.#exited(exit));
  }

  serve(socket: Socket): void {
    const channel: Channel<GuestApi> = openChannel<GuestApi, StackApi>(
      socket,
      this.#api(socket, () => channel.remote),
      STACK_CHANNEL,
    );
    this.#channels.add(channel);
    socket.on('close', () => {
      this.#channels.delete(channel);
      void this.#vanished(socket);
    });
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.close('the stack is taken down');
    await this.#guest?.leaving;
  }

  #api(socket: Socket, remote: () => GuestApi): StackApi {
    const { environment } = this.#options;
    const change = async (work: (lease: Lease) => ReturnType<Lease['start']>) => ({
      proof: await work(this.#guestAt(socket).lease),
      services: this.#services(),
    });
    return {
      describe: async () => this.#described(),
      join: (guest) => this.#join(guest, socket, remote()),
      leave: () => this.#leave(socket),
      stop: (service, how) => change((lease) => lease.stop(service, how)),
      start: (service) => change((lease) => lease.start(service)),
      logTail: (service, lines) => this.#logTail(service, lines, socket),
      readLog: (service, from, unfinished) => this.#readLog(service, from, unfinished),
      addressProof: (service) => environment.addressProof(service),
      stillCarried: () => environment.stillCarried(),
      reading: (service) => environment.reading(service),
    };
  }

  #services(): StackState['services'] {
    return [...this.#options.environment.services.values()].map(plainService);
  }

  #state(): StackState {
    const { facts, environment } = this.#options;
    const { provider, reason, cannot } = environment;
    const services = this.#services();
    return {
      ...facts,
      environment: { provider, reason, cannot, facts: environment.facts },
      services,
      down: Object.fromEntries(services.filter(({ running }) => !running).map(({ name }) => [name, this.#whyDown(name)])),
      guest: this.#guest === null ? null : { runId: this.#guest.runId, pid: this.#guest.pid },
    };
  }

  #described(): StackState {
    const { shown } = this.#options;
    const state = this.#state();
    const services = state.services.map(({ url, adminUrl, ...service }) => ({
      ...service,
      url: shown(url),
      adminUrl: adminUrl === null ? null : shown(adminUrl),
    }));
    return { ...state, services };
  }

  #whyDown(service: string): string {
    const exit = this.#exits.get(service);
    return exit === undefined ? `${service} does not run` : describeExit(exit);
  }

  async #join({ runId, pid }: StackGuest, socket: Socket, remote: GuestApi): Promise<StackState> {
    const { environment } = this.#options;
    const logs = new Map<string, LogPosition>();
    for (const { name, running } of environment.services.values()) if (running) logs.set(name, await logEnd(this.#options.logPath(name)));
    await this.#guest?.leaving;
    if (this.#guest !== null) throw inUse(this.#guest);
    if (socket.destroyed) throw new Error('the run that asked is gone'); // nobody hears it
    this.#guest = { runId, pid, socket, remote, logs, lease: new Lease(environment), leaving: null };
    return this.#state();
  }

  async #leave(socket: Socket): Promise<readonly string[]> {
    const guest = this.#guest;
    if (guest === null || guest.socket !== socket) return [];
    guest.leaving ??= guest.lease.heal();
    const problems = await guest.leaving;
    if (this.#guest === guest) this.#guest = null;
    return problems;
  }

  async #vanished(socket: Socket): Promise<void> {
    for (const problem of await this.#leave(socket)) this.#options.onProblem(problem);
  }

  async #logTail(service: string, lines: number, socket: Socket): Promise<readonly string[]> {
    const from = this.#guest?.socket === socket ? this.#guest.logs.get(service) : undefined;
    if (from === undefined) return this.#options.environment.logTail(service, lines);
    let found: readonly string[] = [];
    for (let position = from; ; ) {
      const part = await this.#readLog(service, position, true);
      found = [...found, ...part.lines].slice(-lines);
      if (part.end) return found;
      position = part.next;
    }
  }

  #readLog(service: string, from: LogPosition, unfinished: boolean): ReturnType<typeof readLog> {
    const { logPath, secrets } = this.#options;
    return readLog(logPath(service), from, { secrets, unfinished });
  }

  #exited(exit: ServiceExit): void {
    this.#exits.set(exit.service, exit);
    // A connection that breaks meanwhile says more than the call that failed with it.
    this.#guest?.remote.exited(exit, this.#services()).catch(() => undefined);
  }

  #guestAt(socket: Socket): Guest {
    if (this.#guest?.socket === socket && this.#guest.leaving === null) return this.#guest;
    throw new Error('only the run that has joined may stop and start services'); // invariant: the client joins first
  }
}

function inUse({ runId, pid }: StackGuest): MusterError {
  return new MusterError(`The stack is in use by run ${runId} (pid ${String(pid)}): its faults would spoil what another run measures.`, {
    code: 'MUSTER_STACK_IN_USE',
    blame: 'config',
    hint: 'Wait until that run has ended, or leave out --reuse to start a stack of your own.',
  });
}
