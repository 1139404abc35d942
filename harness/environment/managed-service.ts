import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import type { AddressProof, FaultProof, ResourceReading, ServiceExit } from '../model/environment.ts';
import { describeWait, type ExitStatus, type NotReady, RestartError, type StartFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { LogFile } from './log-file.ts';
import type { ManagedUnit } from './managed-unit.ts';
import { HOST } from './placeholders.ts';
import { processTree } from './process-table.ts';
import { isFree } from './ports.ts';
import { describeExit, killAll, type RunningProcess, shutDown, startProcess } from './running-process.ts';
import type { Inspection, Launch, ServicePlan } from './service-plan.ts';
import { listeningPids, portHolder } from './sockets.ts';
import { untilRefused } from './until-refused.ts';
import { waitUntilReady, type WaitResult } from './wait.ts';

const LAUNCH_TRIES = 3;
const PORT_FREE_MS = 1_000;
const POLL_MS = 10;
const TAIL_LINES = 20;

export interface ManagedServiceContext {
  readonly ledger: Ledger;
  readonly log: LogFile;
  readonly onExit: (exit: ServiceExit) => void;
  /** Aborts when the environment is disposed of: nothing may be started from then on. */
  readonly closing: AbortSignal;
}

/** A service as a process of this machine: its process, address and state. */
export class ManagedService implements ManagedUnit {
  readonly container = null;
  readonly plan: ServicePlan;
  readonly #context: ManagedServiceContext;
  #launch: Launch | null = null;
  #running: RunningProcess | null = null;
  #inspection: Inspection = { version: null, identity: {} };
  #readyMs: number | null = null;
  #starts = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(plan: ServicePlan, context: ManagedServiceContext) {
    this.plan = plan;
    this.#context = context;
  }

  get name(): string {
    return this.plan.name;
  }
  get kind(): ManagedUnit['kind'] {
    return this.plan.kind;
  }
  get url(): string {
    return this.plan.url;
  }
  get adminUrl(): string {
    return this.plan.adminUrl;
  }
  get tap(): string | undefined {
    return this.plan.tap && `${HOST}:${String(this.plan.tap.port)}`;
  }
  get port(): number {
    return this.plan.held.port;
  }
  get version(): string | null {
    return this.#inspection.version;
  }
  get readyMs(): number | null {
    return this.#readyMs;
  }
  get pid(): number | null {
    return this.#running?.pid ?? null;
  }
  get running(): boolean {
    return this.#running !== null;
  }
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }
  get identity(): Readonly<Record<string, string>> {
    return this.#inspection.identity;
  }

  launch(signal: AbortSignal): Promise<StartFailure | null> {
    return this.#exclusively(async () => {
      this.#launch = await this.plan.prepare(signal);
      const failure = await this.#start(this.#launch, signal);
      if (failure === null) return null;
      if (this.#running !== null) await killAll(this.#running);
      await this.plan.onStartFailure?.();
      return failure;
    });
  }

  start(): Promise<FaultProof> {
    return this.#exclusively(async () => {
      const failure = await this.#start(this.#launch ?? (await this.plan.prepare(this.#context.closing)), this.#context.closing);
      if (failure !== null) throw new RestartError(this.name, failure);
      return { atMonotonicMs: monotonicMs(), proof: `"${this.name}" (pid ${String(this.pid)}) is ready at ${HOST}:${String(this.port)}` };
    });
  }

  stop(how: 'stop' | 'kill'): Promise<FaultProof> {
    return this.#exclusively(async () => {
      const startedMs = monotonicMs();
      const running = this.#running;
      const exit = running === null ? null : await (how === 'kill' ? killAll(running) : shutDown(running, this.plan.manners));
      const seen = await untilRefused(this.name, this.port);
      const atMonotonicMs = monotonicMs();
      const tookMs = Math.round(atMonotonicMs - startedMs);
      const ended =
        running === null || exit === null
          ? 'was not running'
          : `(pid ${String(running.pid)}) ${describeExit(exit)} after ${String(tookMs)} ms`;
      return { atMonotonicMs, proof: `"${this.name}" ${ended}; ${HOST}:${String(this.port)} answers ${seen}` };
    });
  }

  async discard(graceMs: number): Promise<void> {
    const running = this.#running;
    if (running !== null) {
      await shutDown(running, { ...this.plan.manners, shutdown: [{ signal: this.plan.manners.endSignal, withinMs: graceMs }] });
    }
    await this.plan.held.release();
    await this.#context.log.close();
  }

  logTail(lines: number): Promise<string[]> {
    return this.#context.log.tail(lines);
  }

  /** The kernel's word: who listens on the port, and whether it is of the tree that was started. */
  async addressProof(): Promise<AddressProof> {
    const listening = await listeningPids(this.port);
    if (listening === null) return { ok: null, seen: 'this system does not say which process holds a port' };
    const own = new Set(this.pid === null ? [] : processTree(this.pid).map((info) => info.pid));
    const ok = listening.length > 0 && listening.every((holder) => own.has(holder));
    return { ok, seen: `port ${this.port} is held by ${listening.join(', ') || 'nobody'}, started as ${this.pid ?? 'nothing'}` };
  }

  reading(): Promise<ResourceReading | null> {
    return Promise.resolve(null);
  }

  async #start(launch: Launch, signal: AbortSignal): Promise<StartFailure | null> {
    for (let attempt = 1; ; attempt++) {
      const logOffset = await this.#context.log.sizeBytes();
      const running = this.#running ?? (await this.#spawn(launch));
      if (typeof running === 'string') return { reason: running, attempts: 0, lastSeen: null, waitedMs: 0, exit: null, logTail: [] };
      const interrupted = running.exited;
      const result = await waitUntilReady({ probe: this.plan.probe, withinMs: this.plan.withinMs, interrupted, signal });
      if (result.outcome === 'ready') return await this.#ready(running);
      const logTail = await this.#context.log.tail(TAIL_LINES, logOffset);
      if (result.outcome === 'interrupted' && attempt < LAUNCH_TRIES && addressWasTaken(logTail) && (await this.#portFreed())) continue;
      return await this.#failure(result, running, logTail);
    }
  }

  async #ready(running: RunningProcess): Promise<null> {
    this.#readyMs = monotonicMs() - running.startedMs;
    this.#inspection = await this.plan.inspect(running.pid);
    return null;
  }

  async #spawn(launch: Launch): Promise<RunningProcess | string> {
    await this.plan.held.release();
    this.#context.closing.throwIfAborted();
    const started = await startProcess(launch, {
      service: this.name,
      endSignal: this.plan.manners.endSignal,
      ledger: this.#context.ledger,
      log: this.#context.log,
    });
    if (typeof started === 'string') return started;
    this.#running = started;
    this.#starts += 1;
    void started.exited.then((exit) => this.#onExit(started, exit));
    return started;
  }

  async #onExit(process: RunningProcess, exit: ExitStatus): Promise<void> {
    const wasReady = this.#readyMs !== null;
    if (this.#running === process) {
      this.#running = null;
      this.#readyMs = null;
    }
    if (process.expected || !wasReady) return;
    const logTail = await this.#context.log.tail(TAIL_LINES);
    this.#context.onExit({ service: this.name, pid: process.pid, ...exit, logTail });
  }

  async #failure(result: WaitResult & NotReady, running: RunningProcess, logTail: readonly string[]): Promise<StartFailure> {
    const exit = result.outcome === 'interrupted' ? await running.exited : null;
    const holder = exit !== null && addressWasTaken(logTail) ? await portHolder(this.port) : null;
    const taken = holder === null ? '' : ` Port ${String(this.port)} is in use by ${holder.name} (pid ${String(holder.pid)}).`;
    const what =
      exit === null ? `It was not ready within ${String(this.plan.withinMs)} ms` : `It ${describeExit(exit)} before it was ready`;
    const { attempts, lastSeen, waitedMs } = result;
    return { reason: `${what}: ${describeWait(result)}.${taken}`, attempts, lastSeen, waitedMs, exit, logTail };
  }

  async #portFreed(): Promise<boolean> {
    const endMs = monotonicMs() + PORT_FREE_MS;
    while (monotonicMs() < endMs) {
      if (await isFree(this.port)) return true;
      await delay(POLL_MS);
    }
    return false;
  }

  #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(action, action);
    this.#queue = next.catch(() => undefined); // its caller gets the error
    return next;
  }
}

function addressWasTaken(logTail: readonly string[]): boolean {
  return logTail.some((line) => /EADDRINUSE|address already in use/i.test(line));
}
