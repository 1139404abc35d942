import { once } from 'node:events';
import { join } from 'node:path';
import { monotonicMs } from '../../harness/model/clock.ts';
import { toErrorData } from '../../harness/model/error-data.ts';
import { asMachineError } from '../../harness/model/machine-errors.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import {
  codeDigests,
  describeExit,
  Interruption,
  openSession,
  serveEnvironment,
  targetDigest,
  type Session,
  type StartedEnvironment,
  type TargetDigest,
} from '../../harness/supervisor.ts';
import { say } from '../terminal.ts';
import { prepare, type CommonFlags, type Prepared } from './options.ts';
import { claimFolder, isAlive, keeperOf, type Claim } from './keeper-file.ts';
import { putAway } from './put-away.ts';
import { shownAddress } from './shown-address.ts';
import { listenForSignals } from './signals.ts';
import { cutShortError, showUp, type UpMessage, type UpView } from './up-report.ts';

/** Starts the stack and holds it until a signal arrives or what carries it is gone. */
export async function keep(flags: CommonFlags): Promise<void> {
  const tell = teller(flags.json === true);
  const abort = new AbortController();
  const signals = listenForSignals(abort, 'stopping the services');
  const parent = endWithParent(abort);
  let claim: Claim | null = null;
  try {
    await clearDead(process.cwd(), tell);
    claim = await claimFolder(process.cwd());
    await new Stack(await prepare(flags), { claim, abort, tell, onUp: parent.release }).hold();
  } catch (error) {
    if (!abort.signal.aborted) tell({ kind: 'error', error: toErrorData(asMachineError(error)) });
    else cutShort(abort.signal.reason, tell);
  } finally {
    await claim?.release();
    signals.dispose();
    parent.release();
  }
}

/** What a killed keeper has left may hold the ports and names that are wanted now. */
async function clearDead(folder: string, tell: Tell): Promise<void> {
  const keeper = await keeperOf(folder);
  if (keeper === null || isAlive(keeper)) return;
  const swept = (text: string): void => tell({ kind: 'progress', service: 'swept', text });
  for (const left of await putAway(keeper, swept)) swept(`left behind: ${left}`);
}

type Tell = (message: UpMessage) => void;

/** To the process that waits in the terminal; without one, to the terminal. */
function teller(json: boolean): Tell {
  return (message) => {
    if (process.send === undefined) showUp(message, { json });
    else if (process.connected) process.send(message);
  };
}

/** Until the stack is up, it is wanted only as long as somebody waits for it. */
function endWithParent(abort: AbortController): { readonly release: () => void } {
  const gone = (): void => abort.abort(new Interruption('the command that started it was ended', EXIT_CODE.SIGTERM));
  if (process.send !== undefined) process.once('disconnect', gone);
  return { release: () => void process.removeListener('disconnect', gone) };
}

/** The start was ended by a signal: whoever waits for it hears so, in a terminal the signal itself has said it. */
function cutShort(reason: unknown, tell: Tell): void {
  const interruption = reason instanceof Interruption ? reason : new Interruption(String(reason), EXIT_CODE.INTERNAL);
  process.exitCode = interruption.exitCode;
  if (process.send !== undefined) tell({ kind: 'error', error: toErrorData(cutShortError(interruption)) });
}

interface Holding {
  readonly claim: Claim;
  readonly abort: AbortController;
  readonly tell: Tell;
  readonly onUp: () => void;
}

class Stack {
  readonly #prepared: Prepared;
  readonly #holding: Holding;
  readonly #startMs = monotonicMs();

  constructor(prepared: Prepared, holding: Holding) {
    this.#prepared = prepared;
    this.#holding = holding;
  }

  async hold(): Promise<void> {
    const { plan } = this.#prepared;
    const { claim, abort, tell } = this.#holding;
    const session = await openSession({
      plan,
      env: process.env,
      onProgress: (service, text) => tell({ kind: 'progress', service, text }),
      onSwept: (what) => tell({ kind: 'progress', service: 'swept', text: what }),
    });
    let environment: StartedEnvironment | null = null;
    try {
      await claim.update({ ledgerPath: session.ledger.path });
      // Before the start: what changes from then on is not what is started.
      const digest = targetDigest(plan, await codeDigests(session.provider, plan.target.services));
      environment = await session.start(abort.signal, (reason) => this.#lost(reason));
      await this.#serve(session, environment, digest);
    } finally {
      await environment?.[Symbol.asyncDispose]();
      const leftovers = await session.close(environment);
      for (const leftover of leftovers) say(`left behind: ${leftover}`);
      if (leftovers.length > 0) process.exitCode = EXIT_CODE.INTERNAL;
    }
  }

  async #serve(session: Session, environment: StartedEnvironment, digest: TargetDigest): Promise<void> {
    const { claim, abort, tell, onUp } = this.#holding;
    const failures = [...environment.startFailures].map(([service, { reason, logTail }]) => ({ service, reason, logTail }));
    if (failures.length > 0) return tell({ kind: 'failed', failures });
    const view = this.#view(session, environment);
    const { runId, target, provider, startedAt } = view;
    const { socketPath } = session;
    const server = await serveEnvironment({
      socketPath,
      environment,
      facts: { runId, pid: process.pid, startedAt, target, digest, choice: session.provider },
      logPath: (service) => join(session.runDir, 'logs', `${service}.log`),
      secrets: [...this.#prepared.config.secrets, ...passwordsOf(environment)],
      shown: (address) => this.#shown(address),
      onProblem: (text) => say(`muster: ${text}`),
    });
    try {
      environment.onUnexpectedExit((exit) => say(`muster: ${describeExit(exit)}`));
      await claim.update({ stack: { runId, target, provider, startedAt, socketPath } });
      onUp();
      tell({ kind: 'up', view });
      if (!abort.signal.aborted) await once(abort.signal, 'abort');
    } finally {
      await server[Symbol.asyncDispose]();
    }
  }

  #view(session: Session, environment: StartedEnvironment): UpView {
    return {
      runId: this.#prepared.plan.runId,
      target: this.#prepared.plan.target.name,
      provider: environment.provider,
      reason: `${session.provider.reason}; ${environment.reason}`,
      startedAt: new Date().toISOString(),
      readyMs: Math.round(monotonicMs() - this.#startMs),
      services: [...environment.services.values()].map(({ name, kind, url, adminUrl, version, readyMs, pid, container }) => ({
        name,
        kind,
        url: this.#shown(url),
        adminUrl: adminUrl === null ? null : this.#shown(adminUrl),
        version,
        readyMs: readyMs === null ? null : Math.round(readyMs),
        pid,
        container,
      })),
    };
  }

  #shown(address: string): string {
    return shownAddress(address, this.#prepared.config.secrets);
  }

  #lost(reason: string): void {
    say(`muster: ${reason}`);
    process.exitCode = EXIT_CODE.ENVIRONMENT;
    this.#holding.abort.abort(new Interruption(reason, EXIT_CODE.ENVIRONMENT));
  }
}

/** Passwords that were made for this stack: services may write them into their logs. */
function passwordsOf(environment: StartedEnvironment): readonly string[] {
  const urls = [...environment.services.values()].flatMap(({ url, adminUrl }) => (adminUrl === null ? [url] : [url, adminUrl]));
  return [...new Set(urls.map((url) => decodeURIComponent(new URL(url).password)))].filter((password) => password !== '');
}
