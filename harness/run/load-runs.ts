import type { LoadPlan } from '../load/index.ts';
import type { Environment } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import type { RunPlan } from '../model/plan.ts';
import { coordinate, type CoordinatedLoad, type LoadTask, type LoadWorkers } from '../workers/index.ts';
import type { FootprintBook } from './footprint-book.ts';
import type { Journal } from './journal.ts';
import { doneBy, inOwnWorkspaces, workspacesOf } from './load-footprint.ts';
import { loadRecord } from './load-record.ts';
import { packLoad, type PackedLoad } from './load-transfer.ts';

export interface LoadRunsOptions {
  readonly plan: RunPlan;
  readonly journal: Journal;
  readonly footprint: FootprintBook;
  readonly workers: LoadWorkers;
  /** null before the services are there. */
  readonly environment: () => Environment | null;
}

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
  /** Offset 0 on CLOCK_MONOTONIC; null when it ended before. */
  readonly started: Promise<number | null>;
}

/** The loads of a run: the suites ask for them, the load workers do them. Disposal ends them and the workers. */
export class LoadRuns implements AsyncDisposable {
  readonly #options: LoadRunsOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: LoadRunsOptions) {
    this.#options = options;
  }

  /** @throws MusterError MUSTER_LOAD_NOT_RUN when nothing was measured, and what the workers say is wrong with plan or target. */
  async run(id: string, plan: LoadPlan): Promise<PackedLoad> {
    const stop = new AbortController();
    let tellStart: (startAtMs: number | null) => void = () => {};
    const started = new Promise<number | null>((resolve) => {
      tellStart = resolve;
    });
    const work = this.#coordinate(plan, { signal: stop.signal, onStart: tellStart });
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    this.#running.set(id, { stop, ended, started });
    try {
      return await work;
    } finally {
      tellStart(null);
      this.#running.delete(id);
    }
  }

  /** Waits for the load's offset 0, on CLOCK_MONOTONIC; null when there is no such load, or none any more. */
  async started(id: string): Promise<number | null> {
    return (await this.#running.get(id)?.started) ?? null;
  }

  abort(id: string): void {
    this.#running.get(id)?.stop.abort(aborted('the check that asked for it has ended'));
  }

  /** Nobody waits for what still runs: the suite is over, or its runner gone. */
  async abortAll(reason: string): Promise<void> {
    const running = [...this.#running.values()];
    for (const { stop } of running) stop.abort(aborted(reason));
    await Promise.all(running.map(({ ended }) => ended));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abortAll('the run is over');
    await this.#options.workers[Symbol.asyncDispose]();
  }

  async #coordinate(asked: LoadPlan, told: Pick<CoordinatedLoad, 'signal' | 'onStart'>): Promise<PackedLoad> {
    const { journal, workers, footprint } = this.#options;
    const plan = inOwnWorkspaces(asked, footprint.mark);
    footprint.add(workspacesOf(plan));
    const result = await coordinate({
      plan,
      rest: this.#rest(),
      workers,
      ...told,
      onLive: ({ sentPerSecond, p95Ms, workers: count }) =>
        journal.progress({ kind: 'load', suite: plan.suite, sentPerSecond, p95Ms, workers: count }),
    });
    for (const { worker, lost } of result.shards)
      if (lost !== null) journal.warn('harness', `load ${plan.id}: the share of ${worker} is not measured: it ${lost}`);
    footprint.add(doneBy(plan, result));
    journal.addLoad(loadRecord(plan, result, journal.startMonotonicMs));
    return packLoad(result);
  }

  /** As things are now: a service that was started anew may have another address. */
  #rest(): Omit<LoadTask, 'plan' | 'shard'> {
    const { plan, environment } = this.#options;
    const services = [...(environment()?.services.values() ?? [])];
    return {
      target: plan.target,
      urls: Object.fromEntries(services.map(({ name, url }) => [name, url])),
      adminUrls: Object.fromEntries(services.flatMap(({ name, adminUrl }) => (adminUrl === null ? [] : [[name, adminUrl]]))),
      allowedHosts: plan.allow.hosts,
    };
  }
}

function aborted(reason: string): MusterError {
  return new MusterError(`The load was ended: ${reason}.`, {
    code: 'MUSTER_LOAD_ABORTED',
    blame: 'interrupt',
    hint: 'See the events of the run for what ended it.',
  });
}
