import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { monotonicMs } from '../../model/clock.ts';
import type { AddressProof, FaultProof, ResourceReading, ServiceExit } from '../../model/environment.ts';
import { describeWait, PortInUseError, RestartError, type StartFailure } from '../errors.ts';
import type { LogFile } from '../log-file.ts';
import type { ManagedUnit } from '../managed-unit.ts';
import { HOST } from '../placeholders.ts';
import type { Inspection } from '../service-plan.ts';
import { portHolder } from '../sockets.ts';
import { untilRefused } from '../until-refused.ts';
import { waitUntilReady, type WaitResult } from '../wait.ts';
import { proofOf } from './address-proof.ts';
import { cgroupReading } from './cgroup-reading.ts';
import { removeContainer, startExisting, stateOf, unpaused } from './container-calls.ts';
import { ContainerLife } from './container-life.ts';
import { type ContainerPlan, StartRefused } from './container-plan.ts';
import { type ContainerExit, describeEnd, exitOf, readingOf, shortId, visiblePid } from './container-state.ts';
import { engineError, isPortTaken, missedCommand, refusedCommand } from './engine-errors.ts';
import type { EngineWatch } from './engine-watch.ts';
import { followLog } from './log-follower.ts';

const TAIL_LINES = 20;
/** The event of an exit comes within milliseconds; an engine that is busy may take longer. */
const EVENT_MS = 2_000;
const LAST_LINES_MS = 2_000;
const DISCARD_MS = 1_500;
const UNKNOWN: ContainerExit = { code: null, signal: null, cause: null };

export interface ContainerUnitContext {
  readonly watch: EngineWatch;
  readonly log: LogFile;
  readonly onExit: (exit: ServiceExit) => void;
  /** Aborts when the environment is disposed of: nothing may be started from then on. */
  readonly closing: AbortSignal;
}

/** A service in a container: its container, address and state. */
export class ContainerUnit implements ManagedUnit {
  readonly plan: ContainerPlan;
  readonly #context: ContainerUnitContext;
  #container: Docker.Container | null = null;
  #life: ContainerLife | null = null;
  #inspection: Inspection = { version: null, identity: {} };
  #readyMs: number | null = null;
  #pid: number | null = null;
  #limited = false;
  #starts = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(plan: ContainerPlan, context: ContainerUnitContext) {
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
  get adminUrl(): string | null {
    return this.plan.adminUrl;
  }
  get port(): number {
    return this.plan.port;
  }
  get version(): string | null {
    return this.#inspection.version;
  }
  get identity(): Readonly<Record<string, string>> {
    return this.#inspection.identity;
  }
  get readyMs(): number | null {
    return this.#readyMs;
  }
  get running(): boolean {
    return this.#life !== null;
  }
  get pid(): number | null {
    return this.#pid;
  }
  get container(): string | null {
    return this.#container?.id ?? null;
  }
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  launch(signal: AbortSignal): Promise<StartFailure | null> {
    return this.#exclusively(async () => {
      const failure = await this.#bringUp(signal, () => this.plan.obtain(signal, (id) => this.#adopt(id)));
      if (failure !== null) await this.#remove();
      return failure;
    });
  }

  start(): Promise<FaultProof> {
    return this.#exclusively(async () => {
      const failure = await this.#bringUp(this.#context.closing, () => this.#startAgain());
      if (failure !== null) throw new RestartError(this.name, failure);
      return { atMonotonicMs: monotonicMs(), proof: `${this.#words()} is ready at ${HOST}:${String(this.port)}` };
    });
  }

  stop(how: 'stop' | 'kill'): Promise<FaultProof> {
    return this.#exclusively(async () => {
      const startedMs = monotonicMs();
      const words = this.#words();
      const life = this.#life;
      const exit = life === null ? null : await this.#end(life, how);
      const seen = await untilRefused(this.name, this.port);
      const atMonotonicMs = monotonicMs();
      const ended = exit === null ? 'was not running' : `${describeEnd(exit)} after ${String(Math.round(atMonotonicMs - startedMs))} ms`;
      return { atMonotonicMs, proof: `${words} ${ended}; ${HOST}:${String(this.port)} answers ${seen}` };
    });
  }

  async discard(): Promise<void> {
    if (this.#life !== null) this.#life.expected = true;
    // What resists, or an engine that hangs, is left to those who remove by label right after; they name what stays.
    await Promise.race([this.#remove().catch(() => undefined), delay(DISCARD_MS, undefined, { ref: false })]);
    await this.plan.release?.();
    await this.#context.log.close();
  }

  logTail(lines: number): Promise<string[]> {
    return this.#context.log.tail(lines);
  }

  async addressProof(): Promise<AddressProof> {
    const container = this.#container;
    if (container === null) return { ok: false, seen: `no container was made for "${this.name}"` };
    return proofOf(await this.#ask('describe', () => container.inspect()), this.port);
  }

  async reading(): Promise<ResourceReading | null> {
    const container = this.#container;
    if (container === null || this.#life === null) return null;
    const direct = this.#pid === null ? null : cgroupReading(this.#pid);
    if (direct !== null) return direct;
    const stats = await this.#ask('measure', () => container.stats({ stream: false, 'one-shot': true }));
    return readingOf(stats, this.#limited);
  }

  /** Its container exists from now on; events of it are heard. */
  #adopt(id: string): void {
    const { watch } = this.#context;
    this.#container = watch.engine.docker.getContainer(id);
    if (this.#life !== null) this.#life.startedMs = monotonicMs();
    watch.onContainer(id, ({ action }) => {
      const ended = action === 'die' || action === 'missed';
      if (ended && this.#life !== null && this.#container?.id === id) void this.#died(this.#life);
    });
  }

  async #bringUp(signal: AbortSignal, start: () => Promise<void>): Promise<StartFailure | null> {
    if (this.#life?.ready === true) return null;
    this.#context.closing.throwIfAborted();
    const logOffset = await this.#context.log.sizeBytes();
    const life = this.#life ?? new ContainerLife();
    this.#life = life;
    try {
      // Whoever starts it may wait for what a container that has already ended never does.
      await Promise.race([start(), life.exited]);
      await this.#look(life);
    } catch (error) {
      this.#life = null;
      if (error instanceof StartRefused) return refused(error);
      throw signal.aborted ? signal.reason : error;
    }
    const { probe, withinMs } = this.plan;
    const result = await waitUntilReady({ probe, withinMs, interrupted: life.exited, signal });
    if (result.outcome !== 'ready') return await this.#failure(result, life, logOffset);
    life.ready = true;
    this.#starts += 1;
    this.#readyMs = monotonicMs() - life.startedMs;
    this.#inspection = await this.plan.inspect();
    return null;
  }

  async #startAgain(): Promise<void> {
    const container = this.#container;
    if (container === null) return await this.plan.obtain(this.#context.closing, (id) => this.#adopt(id));
    try {
      await startExisting(container);
    } catch (error) {
      if (isPortTaken(error)) throw new PortInUseError(this.name, this.port, await portHolder(this.port));
      const reason = refusedCommand(error);
      if (reason !== null) throw new StartRefused(reason);
      throw engineError(error, `start "${this.name}" again`, this.#context.watch.engine.address);
    }
  }

  /** Reads what is only known once it runs, and begins to copy its log. */
  async #look(life: ContainerLife): Promise<void> {
    const container = this.#container;
    if (container === null) throw new Error(`invariant: "${this.name}" was started without a container`);
    const info = await this.#ask('describe', () => container.inspect());
    this.#limited = (info.HostConfig.Memory ?? 0) > 0;
    this.#pid = visiblePid(info.Id, info.State.Pid);
    // The engine notes the time of a start after the program has begun to write: the first time everything is read.
    const since = this.#starts === 0 ? '' : info.State.StartedAt;
    life.log ??= await this.#ask('read the log of', () => followLog(container, this.#context.log, { since, tty: info.Config.Tty }));
    if (!info.State.Running) await this.#died(life);
  }

  /** @returns how it ended; it has left the unit's state by then. */
  async #end(life: ContainerLife, how: 'stop' | 'kill'): Promise<ContainerExit> {
    const container = this.#container;
    if (container === null) throw new Error(`invariant: "${this.name}" runs without a container`);
    life.expected = true;
    const graceS = Math.ceil(this.plan.stopMs / 1_000);
    await this.#ask(how, () => unpaused(container, () => (how === 'kill' ? container.kill() : container.stop({ t: graceS }))));
    const exit = await Promise.race([life.exited, delay(EVENT_MS, null, { ref: false })]);
    return exit ?? (await this.#died(life));
  }

  /** Its container has ended; an event that is about an earlier life of it changes nothing. */
  async #died(life: ContainerLife): Promise<ContainerExit> {
    const exit = await this.#exitSeen();
    if (exit === null) return UNKNOWN;
    const pid = this.#pid;
    const wasReady = life.ready;
    if (this.#life === life) {
      this.#life = null;
      this.#readyMs = null;
      this.#pid = null;
    }
    if (!life.end(exit)) return exit;
    await this.#lastLines(life);
    if (life.expected || !wasReady || !(await this.#context.watch.stillThere())) return exit;
    const { code, signal, cause } = exit;
    const logTail = await this.#context.log.tail(TAIL_LINES);
    this.#context.onExit({ service: this.name, pid, code, signal, logTail, ...(cause === null ? {} : { cause }) });
    return exit;
  }

  /**
   * null: it has not ended, or the engine does not say. An engine that goes away takes its containers along; that is no news about the
   * service, and the watch says so.
   */
  async #exitSeen(): Promise<ContainerExit | null> {
    const info = this.#container === null ? 'gone' : await stateOf(this.#container);
    if (info === 'gone') return UNKNOWN;
    if (info === 'unknown') return null;
    return info.State.Running || info.State.Status === 'created' ? null : exitOf(info);
  }

  async #failure(result: WaitResult, life: ContainerLife, logOffset: number): Promise<StartFailure> {
    const exit = result.outcome === 'interrupted' ? await life.exited : null;
    const what = exit === null ? `It was not ready within ${String(this.plan.withinMs)} ms` : `It ${describeEnd(exit)} before it was ready`;
    if (exit !== null) await this.#lastLines(life);
    const { attempts, lastSeen, waitedMs } = result;
    const logTail = await this.#context.log.tail(TAIL_LINES, logOffset);
    const missed = exit?.code === 127 || exit?.code === 126 ? missedCommand(logTail) : null;
    return { reason: missed ?? `${what}: ${describeWait(result)}.`, attempts, lastSeen, waitedMs, exit, logTail };
  }

  async #lastLines(life: ContainerLife): Promise<void> {
    await Promise.race([life.log?.ended, delay(LAST_LINES_MS, undefined, { ref: false })]);
  }

  async #remove(): Promise<void> {
    const container = this.#container;
    this.#life?.log?.close();
    this.#life = null;
    this.#pid = null;
    this.#readyMs = null;
    if (container !== null && !this.#context.watch.lost) await this.#ask('remove', () => removeContainer(container));
  }

  async #ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw engineError(error, `${what} the container of "${this.name}"`, this.#context.watch.engine.address);
    }
  }

  #words(): string {
    const id = this.container;
    return id === null ? `"${this.name}"` : `"${this.name}" (container ${shortId(id)})`;
  }

  #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(action, action);
    this.#queue = next.catch(() => undefined); // its caller gets the error
    return next;
  }
}

function refused({ message, logTail }: StartRefused): StartFailure {
  return { reason: message, attempts: 0, lastSeen: null, waitedMs: 0, exit: null, logTail };
}
