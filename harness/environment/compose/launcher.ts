import { setTimeout as delay } from 'node:timers/promises';
import { StartRefused } from '../containers/container-plan.ts';
import { engineError, isEngineTrouble, isPortTaken, refusedCommand } from '../containers/engine-errors.ts';
import { PortInUseError, type StartFailure } from '../errors.ts';
import { portHolder } from '../sockets.ts';
import type { ComposeConfig } from './config.ts';
import type { Evidence } from './evidence.ts';
import { type Guilty, guiltyOf, patienceMs } from './guilty.ts';
import type { ProjectEvents } from './project-events.ts';

const TRIES = 3;
/** A port that was just given back, or that another run only looked at, is free again by then. */
const AGAIN_MS = 250;

export interface LauncherOptions {
  readonly config: ComposeConfig;
  /** Of the engine, for messages. */
  readonly address: string;
  readonly events: Pick<ProjectEvents, 'states' | 'until' | 'refresh'>;
  /** Starts everything that does not run; null when all of it started, else what compose said. */
  readonly startAll: () => Promise<string | null>;
  /** Compose's name of a service → the target's, for services of the target. */
  readonly names: ReadonlyMap<string, string>;
  readonly ports: ReadonlyMap<number, string>;
  /** Of a service by compose's name, milliseconds it may take to get ready. */
  readonly withinMs: (service: string) => number;
  /** What is known of services that did not get ready, by the target's name. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  readonly evidence: (container: string) => Promise<Evidence>;
}

/** Lets compose start everything once, and tells each service's own outcome apart. */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #end: Promise<string | null>;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#end = this.#run();
    this.#end.catch(() => undefined); // whoever waits for a service gets the error
  }

  /**
   * Resolves when compose has started the container of `service` (compose's name).
   * @throws StartRefused when it did not, and why: another service, or what compose said; PortInUseError; MusterError (environment) for
   * trouble of the engine; the signal's reason.
   */
  async started(service: string, signal: AbortSignal): Promise<void> {
    const { events, config, withinMs } = this.#options;
    const limitMs = patienceMs(service, config, withinMs);
    const over = new AbortController();
    const isStarted = events.until(service, (state) => state?.started === true, AbortSignal.any([signal, over.signal]));
    const late = delay(limitMs, 'late' as const, { signal: over.signal, ref: false });
    try {
      const outcome = await Promise.race([isStarted, late, this.#end.then((said) => ({ said }))]);
      if (outcome === 'late') throw await this.#refusal(service, ` within ${String(limitMs)} ms`, null);
      if (outcome !== undefined && events.states.get(service)?.started !== true) throw await this.#refusal(service, '', outcome.said);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      for (const waiting of [isStarted, late]) waiting.catch(() => undefined); // nobody waits for them any more
      over.abort();
    }
  }

  async #run(): Promise<string | null> {
    for (let attempt = 1; ; attempt++) {
      const said = await this.#options.startAll();
      await this.#options.events.refresh();
      if (said === null || !isPortTaken(new Error(said))) return said;
      if (attempt === TRIES) throw await this.#portInUse(said);
      await delay(AGAIN_MS);
    }
  }

  async #portInUse(said: string): Promise<Error> {
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? 0);
    return new PortInUseError(this.#options.ports.get(port) ?? 'a service', port, await portHolder(port));
  }

  async #refusal(service: string, when: string, said: string | null): Promise<Error> {
    const { config, events, address } = this.#options;
    if (said !== null && isEngineTrouble(new Error(said))) return engineError(new Error(said), `start "${service}"`, address);
    const guilty = guiltyOf(service, config, events.states);
    // What the engine says about a container that was removed because it failed adds nothing.
    const words = said === null || /no such container/i.test(said) ? '' : ` Compose said: ${said}.`;
    if (guilty !== null) return await this.#because(guilty, when, words);
    return new StartRefused((said === null ? null : refusedCommand(new Error(said))) ?? `It was not started${when}.${words}`);
  }

  async #because({ service, what }: Guilty, when: string, words: string): Promise<StartRefused> {
    const { names, failures, events, evidence } = this.#options;
    const failure = failures.get(names.get(service) ?? '');
    if (failure !== undefined) return new StartRefused(sentence(service, when, 'did not get ready', words), failure.logTail);
    const container = events.states.get(service)?.container;
    const { lastCheck, logTail } = container === undefined ? { lastCheck: null, logTail: [] } : await evidence(container);
    const check = lastCheck === null || !what.includes('healthcheck') ? '' : ` (${lastCheck})`;
    return new StartRefused(sentence(service, when, `${what}${check}`, words), logTail);
  }
}

function sentence(service: string, when: string, what: string, words: string): string {
  return `It was not started${when}, because it depends on "${service}", which ${what}.${words}`;
}
