import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../model/clock.ts';
import { codeOf, type Engine, engineAt } from './engine.ts';
import { engineError, isUnreachable } from './engine-errors.ts';
import { whyAbsent } from './engine-probe.ts';
import { RUN_LABEL } from './labels.ts';
import { Lines } from './lines.ts';

/** Without an answer for this long the engine counts as lost. */
const LOST_MS = 2_000;
const RETRY_MS = 100;
const LOOK_INTERVAL_MS = 2_000;
/** The code of a connection that was not taken; a busy engine takes it and lets it wait. */
const REFUSED = /^E[A-Z]+$/u;
/** For a look at an engine that is merely busy; one that is gone refuses at once. */
const LOOK_MS = 5_000;

/** `missed`: events may not have come through; look at the container's state. */
export interface ContainerEvent {
  readonly action: 'start' | 'die' | 'oom' | 'missed';
  readonly container: string;
}

export type ContainerListener = (event: ContainerEvent) => void;

/** Hears of every container of one run over one stream of the engine's events, and notices when the engine is gone. Close it. */
export class EngineWatch {
  readonly engine: Engine;
  readonly #runId: string;
  readonly #onLost: (reason: string) => void;
  readonly #listeners = new Map<string, ContainerListener>();
  readonly #timer: NodeJS.Timeout;
  #stream: Readable | null = null;
  #sinceS = Math.floor(Date.now() / 1000);
  #closed = false;
  #checking: Promise<void> | null = null;
  #lost = false;

  private constructor(engine: Engine, runId: string, onLost: (reason: string) => void) {
    this.engine = engine;
    this.#runId = runId;
    this.#onLost = onLost;
    this.#timer = setInterval(() => void this.#check(), LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** @throws MusterError (environment) when the engine does not answer. */
  static async open(engine: Engine, runId: string, onLost: (reason: string) => void): Promise<EngineWatch> {
    const watch = new EngineWatch(engine, runId, onLost);
    try {
      await watch.#listen();
      return watch;
    } catch (error) {
      watch.close();
      throw engineError(error, 'report its events', engine.address);
    }
  }

  /** Whether the engine has stopped answering: what is asked of it from then on fails. */
  get lost(): boolean {
    return this.#lost;
  }

  /** One listener per container. Add it before the container is started, or look at the container's state afterwards. */
  onContainer(id: string, listener: ContainerListener): void {
    this.#listeners.set(id, listener);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stream?.destroy();
    this.#listeners.clear();
  }

  async #listen(): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], label: [`${RUN_LABEL}=${this.#runId}`], event: ACTIONS });
    const stream = (await this.engine.docker.getEvents({ since: this.#sinceS, filters })) as Readable;
    if (this.#closed) {
      stream.destroy();
      return;
    }
    const lines = new Lines();
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      for (const line of lines.take(chunk)) this.#heard(line);
    });
    stream.on('error', () => undefined); // `close` follows
    stream.once('close', () => {
      this.#stream = null;
      void this.#check();
    });
  }

  #heard(line: string): void {
    const event = parseEvent(line);
    if (event === null) return;
    this.#sinceS = Math.floor(event.atS);
    this.#listeners.get(event.container)?.(event);
  }

  /**
   * Asks whether the engine is still there. One that is being stopped takes no connection any more, then ends its containers: their end
   * says nothing about what ran in them, so it counts as lost at once, even should it come back.
   */
  async stillThere(): Promise<boolean> {
    // Over a new connection: those it has already are served until it is gone.
    const reason = await whyAbsent(this.engine.address);
    if (reason !== null && REFUSED.test(reason)) this.#lose(`stopped answering (${reason})`);
    return !this.#lost;
  }

  #check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Looks until the engine answers, or has not answered for too long. */
  async #look(): Promise<void> {
    const { docker } = engineAt(this.engine.address, { timeout: LOOK_MS });
    let silentSinceMs: number | null = null;
    let wasAway = false;
    while (!this.#closed && !this.#lost) {
      try {
        await docker.ping();
        // A restart ends the stream too; one connection that was cut off says nothing.
        if (wasAway && this.#stream === null) this.#lose('was restarted');
        else if (this.#stream === null) await this.#listenAgain();
        return;
      } catch (error) {
        silentSinceMs ??= monotonicMs();
        wasAway ||= isUnreachable(error);
        if (monotonicMs() - silentSinceMs >= LOST_MS) this.#lose(`stopped answering (${codeOf(error)})`);
        else await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #listenAgain(): Promise<void> {
    await this.#listen();
    for (const [container, listener] of this.#listeners) listener({ action: 'missed', container });
  }

  #lose(how: string): void {
    if (this.#closed || this.#lost) return;
    this.#lost = true;
    clearInterval(this.#timer);
    this.#onLost(`the container engine at ${this.engine.address} ${how}`);
  }
}

/** One line of the event stream; null when it says nothing about a container's life. */
export function parseEvent(line: string): (ContainerEvent & { readonly atS: number }) | null {
  const row = parseObject(line);
  const action = ACTIONS.find((known) => known === row['Action']);
  const actor = row['Actor'];
  const id = typeof actor === 'object' && actor !== null && 'ID' in actor ? actor.ID : undefined;
  const atS = typeof row['time'] === 'number' ? row['time'] : 0;
  return action === undefined || typeof id !== 'string' ? null : { action, container: id, atS };
}

const ACTIONS = ['start', 'die', 'oom'] as const;

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // a line cut short by the end of the stream
  }
}
