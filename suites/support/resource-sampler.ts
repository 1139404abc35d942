import {
  processSampler,
  startSampling,
  type ResourceReading,
  type RunningService,
  type Sampler,
  type SuiteRun,
} from '../../harness/index.ts';

const EVERY_MS = 250;

/** What services used together at one moment. */
export interface ResourceSample {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  /** Cores in use since the sample before (1 = one core busy all the time); null in the first sample and after a gap. */
  readonly cores: number | null;
  /** null in a gap. */
  readonly memoryBytes: number | null;
  /** Open file descriptors; null in a gap, and where only the engine's figures are to be had. */
  readonly fds: number | null;
}

/**
 * Samples services from /proc where their processes are visible, else from what the engine says of their containers. null: neither is to
 * be had; a criterion that rests on it declares the need `resources`. Stop it.
 */
export async function resourceSampler(run: SuiteRun, names: readonly string[]): Promise<Pick<Sampler<ResourceSample>, 'stop'> | null> {
  if (run.cannot('resources') !== null) return null;
  const services = (await Promise.all(names.map((name) => run.service(name)))).filter(({ running }) => running);
  const pids = visiblePids(services);
  if (pids !== null) return fromProcesses(pids);
  // A container that cannot be read just now is a gap; that it is gone is found out elsewhere.
  const read = (): Promise<readonly (ResourceReading | null)[]> =>
    Promise.all(services.map(({ name }) => run.reading(name).catch(() => null)));
  return (await read()).includes(null) ? null : fromReadings(read);
}

/** Root processes of all services; null when one of them is not visible, or there is nothing to sample. */
function visiblePids(services: readonly Pick<RunningService, 'pid'>[]): readonly number[] | null {
  const pids = services.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  return pids.length === services.length ? pids : null;
}

function fromProcesses(pids: readonly number[]): Pick<Sampler<ResourceSample>, 'stop'> {
  const sampler = processSampler({ pids: () => pids, intervalMs: EVERY_MS });
  return {
    stop: async () => (await sampler.stop()).map(({ atMs, cores, rssBytes, fds }) => ({ atMs, cores, memoryBytes: rssBytes, fds })),
  };
}

function fromReadings(read: () => Promise<readonly (ResourceReading | null)[]>): Sampler<ResourceSample> {
  let before: readonly (ResourceReading | null)[] = [];
  return startSampling({
    intervalMs: EVERY_MS,
    async take() {
      const now = await read();
      const sample = sampleBetween(before, now);
      before = now;
      return sample;
    },
  });
}

/** One sample from two readings of the same containers in the same order. A container that was started anew between them is a gap. */
export function sampleBetween(before: readonly (ResourceReading | null)[], now: readonly (ResourceReading | null)[]): ResourceSample {
  const cores = now.map((reading, index) => coresBetween(before[index] ?? null, reading));
  return {
    atMs: Math.max(0, ...now.map((reading) => reading?.atMs ?? 0)),
    cores: sumOf(cores),
    memoryBytes: sumOf(now.map((reading) => reading?.memoryBytes ?? null)),
    fds: null,
  };
}

function coresBetween(before: ResourceReading | null, now: ResourceReading | null): number | null {
  if (before === null || now === null || now.cpuMs < before.cpuMs || now.atMs <= before.atMs) return null;
  return (now.cpuMs - before.cpuMs) / (now.atMs - before.atMs);
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
