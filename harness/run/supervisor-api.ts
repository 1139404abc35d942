import type { FaultController } from '../faults/controller.ts';
import type { Environment } from '../model/environment.ts';
import type { Measurement } from '../model/measurement.ts';
import type { RunPlan } from '../model/plan.ts';
import type { Collector } from './collector.ts';
import type { FootprintBook } from './footprint-book.ts';
import type { Journal } from './journal.ts';
import type { LoadRuns } from './load-runs.ts';
import { plainService } from './plain-service.ts';
import type { SupervisorApi } from './protocol.ts';

export interface ApiDeps {
  readonly plan: RunPlan;
  readonly knownIds: readonly string[];
  /** Late: suites ask only when everything is up; null before. */
  readonly environment: () => Environment | null;
  readonly collector: Collector;
  readonly journal: Journal;
  readonly footprint: FootprintBook;
  readonly faults: () => FaultController | null;
  readonly loads: () => LoadRuns | null;
  /** The measurement as it may be believed, by what else the machine had to do. */
  readonly reviewed: (measurement: Measurement) => Promise<Measurement>;
}

/** What the supervisor does for the suite workers. */
export function supervisorApi({ plan, knownIds, collector, journal, footprint, ...late }: ApiDeps): Omit<SupervisorApi, 'runnerReady'> {
  const environment = (): Environment => defined(late.environment(), 'environment');
  const faults = (): FaultController => defined(late.faults(), 'fault controller');
  const loads = (): LoadRuns => defined(late.loads(), 'load workers');
  return {
    briefing: async () => ({
      runId: plan.runId,
      target: plan.target,
      services: [...environment().services.values()].map(plainService),
      cannot: environment().cannot,
      allowedHosts: plan.allow.hosts,
      profile: plan.profile,
      seed: plan.seed,
      startMonotonicMs: journal.startMonotonicMs,
      criteria: plan.criteria.filter((criterion) => criterion.notApplicable === null),
      knownIds,
    }),
    services: async () => [...environment().services.values()].map(plainService),
    logTail: (service, lines) => environment().logTail(service, lines),
    addressProof: (service) => environment().addressProof(service),
    reading: (service) => environment().reading(service),
    checkStarted: async (criterion) => ({ run: collector.permit(criterion) }),
    async measured(measurement) {
      const believed = await late.reviewed(measurement);
      await environment().stillCarried();
      collector.measured(believed);
    },
    absent: async (absence) => collector.absent(absence),
    injectFault: (fault, service, maxMs) => faults().inject(fault, service, maxMs),
    healFault: (faultId) => faults().heal(faultId),
    publishDistribution: async (distribution) => journal.addDistribution(distribution),
    publishSeries: async (series) => journal.addSeries(series),
    made: async (made) => footprint.add(made),
    runLoad: (id, load) => loads().run(id, load),
    loadStarted: (id) => loads().started(id),
    abortLoad: async (id) => loads().abort(id),
    publishLoad: async (suite, sentPerSecond, p95Ms) => journal.progress({ kind: 'load', suite, sentPerSecond, p95Ms }),
  };
}

function defined<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the ${what} is not there yet`); // invariant: suites run only after bring-up
  return value;
}
