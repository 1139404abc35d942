import { randomUUID } from 'node:crypto';
import { monotonicMs } from '../model/clock.ts';
import type { Criterion, Profile } from '../model/criterion.ts';
import type { Capability, ResourceReading, RunningService } from '../model/environment.ts';
import type { RecordDistribution, RecordSeries } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import type { LoadPlan, LoadResult } from '../load/index.ts';
import { messageOf, MusterError } from '../model/errors.ts';
import { peakOfExecute, type PeakAsked } from './suite-peak.ts';
import { type PeakResult, LOAD_NOT_RUN, SECRET_MISSING } from '../workers/index.ts';
import { createTargetClient, MissingBinding, type TargetClient } from '../target/index.ts';
import { unpackLoad } from './load-transfer.ts';
import type { ActiveFault, SupervisorApi } from './protocol.ts';
import type { OwnThings } from './footprint-link.ts';
import type { WorkerLink } from './worker-link.ts';

/** Longest time any fault stays in force when its body never returns. */
const MAX_FAULT_MS = 60_000;

/** What a check or a scenario works with. One per worker; `signal` belongs to the check that runs. */
export interface SuiteRun {
  readonly target: TargetClient;
  readonly spec: Target;
  readonly profile: Profile;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** What this run is judged by: the resolved criteria of the plan. */
  readonly criteria: readonly Criterion[];
  /** CLOCK_MONOTONIC milliseconds of the run's start: zero of `now()`. */
  readonly startMonotonicMs: number;
  /** Milliseconds since the start of the run: the clock of windows, faults and series. */
  now(): number;
  /** Current facts of a service; pids and restarts change during a run. Throws NotMeasured when the target has none. */
  service(kindOrName: string): Promise<RunningService>;
  /** The harness's own way into a store. Throws NotMeasured when there is none. */
  adminUrl(kindOrName: string): Promise<string>;
  /** Last lines of a service's log, sanitised. */
  logTail(service: string, lines: number): Promise<readonly string[]>;
  /** Whether what answers at the service's address is what was started, as kernel or engine say. Throws NotMeasured when they cannot tell. */
  addressProof(service: string): Promise<{ readonly ok: boolean; readonly seen: string }>;
  /** What the engine says the service's container uses; null when there is none: read its processes then. */
  reading(service: string): Promise<ResourceReading | null>;
  /** Why the provider cannot do something, in a full sentence; null when it can. */
  cannot(capability: Capability): string | null;
  /** A fresh workspace id: checks never share data with each other. What is made with it is removed with it, where the target can. */
  workspace(): string;
  /** What is made at the target past its own interface is told here, so that the report can say what is left of it. */
  readonly own: OwnThings;
  /** Picks a size by profile. */
  sized<T>(sizes: { readonly quick: T; readonly full: T }): T;
  readonly publish: {
    distribution(distribution: RecordDistribution): Promise<void>;
    series(series: RecordSeries): Promise<void>;
    load(suite: string, sentPerSecond: number, p95Ms: number | null): void;
  };
  /**
   * Runs a load in the load workers and records it in the report: distribution, series, what the generator says of itself. Resolves also
   * when a worker was lost: `lostShare` of the result says how much is missing. `onStart` is told offset 0 (CLOCK_MONOTONIC) a moment
   * before: opening sessions and calibrating come first and may take half a minute.
   */
  load(plan: LoadPlan, options?: { readonly onStart?: (startAtMs: number) => void }): Promise<LoadResult>;
  /** What `execute` does at most for clients that each wait for their answer (closed loop): not what users wait, and always the same request. */
  peak(asked: Omit<PeakAsked, 'signal' | 'workspace'>): Promise<PeakResult>;
  /** Runs `body` while `fault` is in force on `service`; heals when it returns, throws or is cancelled. */
  during<T>(fault: { readonly fault: string; readonly service: string }, body: (active: ActiveFault) => Promise<T>): Promise<Healed<T>>;
}

export interface Healed<T> {
  readonly value: T;
  /** ms since run start. */
  readonly injectedAtMs: number;
  readonly healedAtMs: number;
  readonly proof: string;
}

/** Thrown by a check that cannot say anything: the criterion becomes NOT_RUN with this reason, never green. */
export class NotMeasured extends Error {
  override readonly name = 'NotMeasured';
}

/** Builds the context of one check. */
export function suiteRun(link: WorkerLink, client: TargetClient, signal: AbortSignal): SuiteRun {
  const { briefing, supervisor, footprint } = link;
  const sinceStart = (monotonic: number): number => monotonic - briefing.startMonotonicMs;
  return {
    target: client,
    spec: briefing.target,
    profile: briefing.profile,
    seed: briefing.seed,
    signal,
    criteria: briefing.criteria,
    startMonotonicMs: briefing.startMonotonicMs,
    now: () => sinceStart(monotonicMs()),
    service: (kindOrName) => serviceOf(supervisor, kindOrName),
    async adminUrl(kindOrName) {
      const { name, adminUrl } = await serviceOf(supervisor, kindOrName);
      if (adminUrl === null) throw new NotMeasured(`there is no \`adminUrl\` for ${name}`);
      return adminUrl;
    },
    logTail: (service, lines) => supervisor.logTail(service, lines),
    async addressProof(service) {
      const { ok, seen } = await supervisor.addressProof(service);
      if (ok === null) throw new NotMeasured(`nobody can say who answers at the address of ${service}: ${seen}`);
      return { ok, seen };
    },
    reading: (service) => supervisor.reading(service),
    cannot: (capability) => briefing.cannot[capability] ?? null,
    workspace: () => footprint.workspace(),
    own: footprint.things,
    sized: (sizes) => (briefing.profile === 'quick' ? sizes.quick : sizes.full),
    publish: {
      distribution: (distribution) => supervisor.publishDistribution(distribution),
      series: (series) => supervisor.publishSeries(series),
      load: (suite, sentPerSecond, p95Ms) => void supervisor.publishLoad(suite, sentPerSecond, p95Ms),
    },
    load: (plan, { onStart } = {}) => loadInWorkers(supervisor, plan, { signal, onStart }),
    peak: (asked) => peakOfExecute(briefing, { ...asked, workspace: footprint.workspace(), signal }),
    during: (fault, body) => duringFault(supervisor, fault, body, sinceStart),
  };
}

/** The load ends with the check that asked for it. */
async function loadInWorkers(
  supervisor: SupervisorApi,
  plan: LoadPlan,
  { signal, onStart }: { readonly signal: AbortSignal; readonly onStart: ((startAtMs: number) => void) | undefined },
): Promise<LoadResult> {
  signal.throwIfAborted();
  const id = randomUUID();
  // A supervisor that is gone has ended the load already.
  const stop = (): void => void supervisor.abortLoad(id).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const work = supervisor.runLoad(id, plan);
    if (onStart === undefined) return unpackLoad(await work);
    const telling = supervisor.loadStarted(id).then((startAtMs) => (startAtMs === null ? undefined : onStart(startAtMs)));
    return unpackLoad((await Promise.all([work, telling]))[0]);
  } catch (error) {
    throw saysNothingOfTheTarget(error) ? new NotMeasured(messageOf(error)) : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The workers were lost, or the target does not bind what the load is made of: an error of its class there, of its name here. */
function saysNothingOfTheTarget(error: unknown): boolean {
  if (error instanceof MusterError) return error.code === LOAD_NOT_RUN || error.code === SECRET_MISSING;
  return error instanceof Error && error.name === MissingBinding.name;
}

async function serviceOf(supervisor: SupervisorApi, kindOrName: string): Promise<RunningService> {
  const services = await supervisor.services();
  const found = services.find((service) => service.name === kindOrName) ?? services.find((service) => service.kind === kindOrName);
  if (found === undefined) throw new NotMeasured(`the target has no service \`${kindOrName}\``);
  return found;
}

async function duringFault<T>(
  supervisor: SupervisorApi,
  { fault, service }: { readonly fault: string; readonly service: string },
  body: (active: ActiveFault) => Promise<T>,
  sinceStart: (monotonic: number) => number,
): Promise<Healed<T>> {
  const active = await supervisor.injectFault(fault, service, MAX_FAULT_MS);
  let value: T;
  try {
    value = await body(active);
  } catch (error) {
    await supervisor.healFault(active.faultId);
    throw error;
  }
  const healed = await supervisor.healFault(active.faultId);
  return {
    value,
    injectedAtMs: sinceStart(active.injected.atMonotonicMs),
    healedAtMs: sinceStart(healed.atMonotonicMs),
    proof: active.injected.proof,
  };
}

let client: TargetClient | undefined;

/** One client per worker: connections are kept between checks as a real caller would. */
export function sharedClient({ briefing, footprint }: WorkerLink): TargetClient {
  client ??= createTargetClient({
    target: briefing.target,
    urls: Object.fromEntries(briefing.services.map((service) => [service.name, service.url])),
    allowedHosts: briefing.allowedHosts,
    timeoutMs: 10_000,
    workspace: footprint.workspace(),
    onAccepted: (accepted) => footprint.accepted(accepted),
  });
  return client;
}
