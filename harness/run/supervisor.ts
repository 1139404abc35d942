import type { FaultController } from '../faults/controller.ts';
import { redactDeep } from '../evidence/redact.ts';
import { claimRunFolder, resetRunFolder, storeEvidence, storeLog } from '../evidence/run-folder.ts';
import { messageOf } from '../model/errors.ts';
import { EXIT_CODE } from '../model/state.ts';
import type { RunRecord } from '../model/record.ts';
import { Collector } from './collector.ts';
import { environmentFacts } from './environment-facts.ts';
import { startControlServer, type ControlServer } from './control-server.ts';
import type { Session, StartedEnvironment } from './environment-session.ts';
import { ExitWatch } from './exit-watch.ts';
import { inTurn } from './in-turn.ts';
import { Interruption, interruptionOf } from './interruption.ts';
import { failureOf } from './own-failure.ts';
import { Journal } from './journal.ts';
import { NoiseGuard } from './noise-guard.ts';
import { lockFolder } from './out-lock.ts';
import { LoadRuns } from './load-runs.ts';
import { openLoadWorkers } from './open-load-workers.ts';
import { SERVICES_READY, servicesReady } from './own-criteria.ts';
import { Overhead } from './overhead.ts';
import { runPhases, type SuiteTimes } from './phases.ts';
import { buildRecord, type RunFacts } from './record.ts';
import { recordedFaults } from './recorded-faults.ts';
import { startRunner, type RunnerProcess } from './runner-process.ts';
import { serviceRows } from './service-rows.ts';
import { startsSeen } from './start-failure.ts';
import { supervisorApi } from './supervisor-api.ts';
import type { SupervisorOptions } from './supervisor-options.ts';
import { TargetFootprint } from './target-footprint.ts';

/**
 * One run from an empty machine to a stored record, and back to an empty machine. Resolves with the final record;
 * a run that is cut short resolves too, with a partial record. Rejects with a MusterError only when the environment
 * of ours (stores, folders, watchdog) could not be had.
 */
export async function supervise(options: SupervisorOptions): Promise<RunRecord> {
  const run = new Supervisor(options);
  return run.execute();
}

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #journal: Journal;
  readonly #collector: Collector;
  readonly #noise: NoiseGuard;
  readonly #footprint: TargetFootprint;
  readonly #overhead = new Overhead();
  readonly #startedAt = new Date();
  readonly #exits: ExitWatch;
  readonly #runners: RunnerProcess[] = [];
  readonly #harnessProblems: string[] = [];
  #suiteTimes: SuiteTimes = new Map();
  #environment: StartedEnvironment | null = null;
  #faults: FaultController | null = null;
  #loads: LoadRuns | null = null;
  #services: RunRecord['services'] = [];
  #provider: Session['provider'] | null = null;
  #failure: Interruption | null = null;
  /** Aborts when what carries the services is gone. */
  readonly #lost = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#lost.signal]);
    this.#journal = new Journal(options.commandAtMs, (event) => options.onProgress(this.#redact(event)));
    this.#footprint = new TargetFootprint({ plan: options.plan, journal: this.#journal });
    this.#noise = new NoiseGuard({ journal: this.#journal, criteria: options.plan.criteria });
    this.#collector = new Collector({
      plan: options.plan,
      onStart: (criterion) => this.#journal.progress({ kind: 'check-start', criterion }),
      onEnd: (criterion, { state, reason }) => this.#journal.progress({ kind: 'check-end', criterion, state, reason }),
      onProblem: (text) => this.#journal.warn('harness', text),
    });
    this.#exits = new ExitWatch({ plan: options.plan, collector: this.#collector, journal: this.#journal });
  }

  async execute(): Promise<RunRecord> {
    const { plan } = this.#options;
    await claimRunFolder(plan.outDir);
    const unlock = await lockFolder(plan.outDir);
    try {
      await resetRunFolder(plan.outDir);
      return await this.#recorded();
    } finally {
      await unlock();
    }
  }

  /** From the first record, which says that nothing is known yet, to the last. */
  async #recorded(): Promise<RunRecord> {
    await this.#write(false);
    try {
      await this.#inSession();
    } catch (error) {
      this.#failure = failureOf(error);
      this.#collector.stop(this.#failure.message);
      await this.#write(true);
      throw error;
    }
    return this.#write(true);
  }

  async #inSession(): Promise<void> {
    const session = await this.#options.openSession({
      plan: this.#options.plan,
      env: this.#options.env,
      onProgress: (service, text) => this.#journal.progress({ kind: 'service', service, text }),
      onSwept: (what) => this.#journal.warn('harness', `left by an earlier run that died: ${what}`),
    });
    this.#provider = session.provider;
    try {
      await this.#withSession(session);
    } finally {
      await this.#tearDown(session);
    }
  }

  async #withSession(session: Session): Promise<void> {
    const control = await startControlServer(session.socketPath, this.#api());
    try {
      await using loads = await this.#openLoads(session);
      this.#startRunner(session, control);
      await this.#bringUp(session);
      this.#suiteTimes = await runPhases({
        plan: this.#options.plan,
        collector: this.#collector,
        journal: this.#journal,
        runner: () => this.#runners.at(-1) ?? this.#startRunner(session, control),
        discardRunner: async () => this.#runners.pop()?.kill(),
        endLoads: () => loads.abortAll('its suite is over'),
        heal: async () => this.#faults?.healAll() ?? [],
        afterPhase: async () => void (await this.#write(false)),
        signal: this.#signal,
      });
    } catch (error) {
      const interruption = interruptionOf(this.#signal);
      if (interruption === null) throw error;
      this.#collector.stop(interruption.message);
    } finally {
      this.#exits.report();
      const stopRunners = () => this.#overhead.time('teardownMs', () => this.#stopRunners());
      await inTurn([() => this.#noise[Symbol.asyncDispose](), stopRunners, () => control[Symbol.asyncDispose]()]);
    }
  }

  #api(): Parameters<typeof startControlServer>[1] {
    const { plan, knownIds } = this.#options;
    return supervisorApi({
      plan,
      knownIds,
      environment: () => this.#environment,
      faults: () => this.#faults,
      loads: () => this.#loads,
      collector: this.#collector,
      journal: this.#journal,
      footprint: this.#footprint.book,
      reviewed: (measurement) => this.#noise.reviewed(measurement),
    });
  }

  async #openLoads(session: Session): Promise<LoadRuns> {
    const { plan, env, secrets, loadWorkers } = this.#options;
    const onEvent = (text: string): void => this.#journal.event('harness', text);
    const signal = this.#signal;
    const workers = await openLoadWorkers({ workers: loadWorkers, runId: plan.runId, env, secrets, session, onEvent, signal });
    const { book: footprint } = this.#footprint;
    this.#loads = new LoadRuns({ plan, journal: this.#journal, footprint, workers, environment: () => this.#environment });
    return this.#loads;
  }

  #startRunner(session: Session, control: ControlServer): RunnerProcess {
    const { plan, root, suitesFolder, env } = this.#options;
    const runner = startRunner({
      control,
      runId: plan.runId,
      root,
      suitesFolder,
      runDir: session.runDir,
      env,
      onSpawn: (pid) => session.ledger.addProcess({ pid, service: 'suite runner', endSignal: 'SIGKILL' }),
    });
    this.#runners.push(runner);
    return runner;
  }

  /** Starts the stores and services and measures whether they came up. */
  async #bringUp(session: Session): Promise<void> {
    const startMs = this.#journal.nowMs();
    const environment = await session.start(this.#signal, (reason) => {
      this.#collector.lost(reason, this.#journal.nowMs());
      this.#lost.abort(new Interruption(reason, EXIT_CODE.ENVIRONMENT));
    });
    this.#environment = environment;
    this.#collector.limitedBy(environment);
    this.#faults = recordedFaults(environment, this.#journal);
    if (session.stays) await this.#footprint.begin(environment);
    // A run that is killed before its first suite is over has said by what its traces are known.
    if (session.stays) await this.#write(false);
    await this.#noise.start(environment, session.runDir);
    this.#exits.watch(environment);
    const endMs = this.#journal.nowMs();
    this.#overhead.set(session.arrival.overhead, endMs);
    const seen = startsSeen(this.#options.plan.target.services, environment);
    for (const { service, failure } of seen)
      if (failure !== null) this.#journal.warn('service', `${service} did not become ready: ${failure}`);
    if (this.#options.plan.criteria.some(({ id }) => id === SERVICES_READY))
      this.#collector.measured(servicesReady(seen, { startMs, endMs }));
    this.#journal.event('service', `${session.arrival.words} in ${Math.round(endMs - startMs)} ms`);
  }

  async #stopRunners(): Promise<void> {
    await Promise.all(this.#runners.splice(0).map((runner) => runner[Symbol.asyncDispose]()));
  }

  /** Whatever fails on the way, what was started is disposed of and the frame closed. */
  async #tearDown(session: Session): Promise<void> {
    const environment = this.#environment;
    this.#faults?.abandon();
    await this.#attempt('what was made at the target could not be removed', () => this.#footprint.end());
    if (environment !== null) {
      await this.#attempt('the logs could not be stored', () => this.#keepLogs(environment));
      const dispose = async (): Promise<void> => environment[Symbol.asyncDispose]();
      await this.#attempt('the environment could not be disposed of', () => this.#overhead.time('teardownMs', dispose));
    }
    for (const leftover of await session.close(environment)) this.#harnessProblems.push(`left behind: ${leftover}`);
  }

  async #attempt(problem: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#harnessProblems.push(`${problem}: ${messageOf(error)}`);
    }
  }

  async #keepLogs(environment: StartedEnvironment): Promise<void> {
    const { plan } = this.#options;
    const { rows, logs } = await serviceRows(plan.target, environment);
    this.#services = rows;
    for (const [service, lines] of logs) await storeLog(plan.outDir, service, this.#redact(lines));
  }

  #redact<T>(value: T): T {
    const { plan, knownIds, secrets } = this.#options;
    return redactDeep(value, secrets, new Set([...knownIds, ...plan.suites, ...plan.target.services.map(({ name }) => name)]));
  }

  async #write(final: boolean): Promise<RunRecord> {
    const { plan } = this.#options;
    const reported = this.#collector.reported();
    if (final) this.#overhead.finish(this.#suiteTimes, this.#journal.nowMs());
    await storeEvidence(plan.outDir, this.#redact(plan), this.#redact([...reported]));
    const record = this.#redact(buildRecord(plan, reported, this.#facts(final)));
    await this.#options.writeRecord(record);
    return record;
  }

  #facts(final: boolean): RunFacts {
    const { options, journal, environment } = { options: this.#options, journal: this.#journal, environment: this.#environment };
    const interruption = interruptionOf(this.#signal) ?? this.#failure;
    return {
      startedAt: this.#startedAt,
      durationMs: journal.nowMs(),
      command: options.command,
      musterVersion: options.musterVersion,
      ...environmentFacts(environment, this.#provider),
      configDigest: options.configDigest,
      complete: final && interruption === null && this.#harnessProblems.length === 0,
      interruption,
      harnessProblems: final ? this.#harnessProblems : ['the run has not finished'],
      suiteTimes: this.#suiteTimes,
      services: this.#services,
      faults: this.#faults?.records() ?? [],
      ...journal.recorded(),
      noise: this.#noise.record(),
      footprint: this.#footprint.record(),
      overhead: this.#overhead.values(),
    };
  }
}
