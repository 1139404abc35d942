import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicMs } from '../model/clock.ts';
import type { Environment, FaultProof, ServiceExit } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import { leftoversOf, removeDirectory } from './clean-up.ts';
import { removeSegments } from './shared-memory.ts';
import type { StartFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { LogFile } from './log-file.ts';
import { ManagedService } from './managed-service.ts';
import { endRunProcesses, findRunProcesses } from './run-processes.ts';
import type { ServicePlan } from './service-plan.ts';
import { listeningPids } from './sockets.ts';

/** All of disposal has this long; what has not ended by itself is killed. */
const DISPOSE_MS = 2_000;
const GRACE_MS = 800;
const STRAYS = { graceMs: 100, quietMs: 0, deadlineMs: 3_000 };

export interface LocalEnvironmentOptions {
  readonly runDir: string;
  readonly ledger: Ledger;
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  readonly facts: Record<string, string>;
}

export class LocalEnvironment implements Environment {
  readonly provider = 'local';
  readonly services = new Map<string, ManagedService>();
  readonly startFailures = new Map<string, StartFailure>();
  readonly facts: Record<string, string>;
  /** Set once the binaries were chosen. */
  reason = '';
  readonly #options: LocalEnvironmentOptions;
  readonly #closing = new AbortController();
  readonly #listeners: ((exit: ServiceExit) => void)[] = [];
  readonly #exits: ServiceExit[] = [];
  #disposal: Promise<void> | null = null;

  constructor(options: LocalEnvironmentOptions) {
    this.#options = options;
    this.facts = options.facts;
  }

  async add(plan: ServicePlan): Promise<ManagedService> {
    const { runDir, ledger } = this.#options;
    const logs = join(runDir, 'logs');
    await mkdir(logs, { recursive: true, mode: 0o700 });
    const service = new ManagedService(plan, {
      ledger,
      log: new LogFile(join(logs, `${plan.name}.log`), plan.secrets),
      onExit: (exit) => {
        this.#exits.push(exit);
        for (const listener of this.#listeners) listener(exit);
      },
      closing: this.#closing.signal,
    });
    this.services.set(plan.name, service);
    return service;
  }

  stop(service: string, how: 'stop' | 'kill'): Promise<FaultProof> {
    return this.serviceOf(service).stop(how);
  }

  start(service: string): Promise<FaultProof> {
    return this.serviceOf(service).start();
  }

  /** A listener also hears of exits that happened before it came. */
  onUnexpectedExit(listener: (exit: ServiceExit) => void): void {
    this.#listeners.push(listener);
    for (const exit of this.#exits) listener(exit);
  }

  logTail(service: string, lines: number): Promise<readonly string[]> {
    return this.serviceOf(service).logTail(lines);
  }

  async audit(): Promise<readonly string[]> {
    const scope = { runId: this.#options.ledger.runId, entries: this.#options.ledger.entries() };
    const ours = new Set(findRunProcesses(scope).map(({ pid }) => pid));
    const ports: string[] = [];
    for (const service of this.services.values()) {
      const listening = (await listeningPids(service.port)) ?? [];
      if (listening.some((pid) => ours.has(pid))) ports.push(`port ${String(service.port)} of "${service.name}"`);
    }
    return [...leftoversOf(scope), ...ports];
  }

  /** Ends everything of the run, removes its directory. Takes 3 s at most; harmless twice, and after the run was aborted. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { ledger, runDir } = this.#options;
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
    await Promise.all([...this.services.keys()].map(end));
    await endRunProcesses({ runId: ledger.runId, entries: ledger.entries() }, STRAYS);
    await removeSegments(runDir);
    await removeDirectory(runDir);
  }

  /** @throws MusterError when the target has no such service. */
  serviceOf(name: string): ManagedService {
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
