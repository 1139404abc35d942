import { availableParallelism } from 'node:os';
import {
  NotMeasured,
  postgresSampler,
  redisSampler,
  sampleSeries,
  type Observed,
  type RecordSeries,
  type Sampler,
  type SuiteRun,
} from '../../harness/index.ts';
import { resourceSampler, type ResourceSample } from '../support/resource-sampler.ts';

const EVERY_MS = 250;
const MIB = 2 ** 20;

type ResourceReader = NonNullable<Awaited<ReturnType<typeof resourceSampler>>>;
type PostgresReader = ReturnType<typeof postgresSampler>;
type RedisReader = ReturnType<typeof redisSampler>;
type Samples<R extends { stop(): Promise<unknown> }> = Awaited<ReturnType<R['stop']>>;

/** Services whose processors are counted together, and how many they have. */
interface CpuGroup {
  readonly who: string;
  readonly cores: number;
  readonly reader: ResourceReader;
}

interface CpuSamples extends Omit<CpuGroup, 'reader'> {
  readonly samples: readonly ResourceSample[];
}

/** What the target used while it was watched. null: it could not be watched, or there is no such store. */
export interface ResourceFigures {
  /** All own services together, without the stores. */
  readonly services: readonly ResourceSample[] | null;
  readonly cpu: readonly CpuSamples[];
  readonly postgres: Samples<PostgresReader> | null;
  readonly redis: Samples<RedisReader> | null;
}

interface Watching extends AsyncDisposable {
  /** Says what was seen; asked again, the same. */
  stop(): Promise<ResourceFigures>;
}

/** Watches services and stores from now on until `stop`, or until it is disposed of. */
export async function watchResources(run: SuiteRun): Promise<Watching> {
  const end = await startWatching(run);
  let ended: Promise<ResourceFigures> | undefined;
  const stop = (): Promise<ResourceFigures> => {
    ended ??= end();
    return ended;
  };
  return {
    stop,
    async [Symbol.asyncDispose]() {
      // Whoever asked was told what went wrong; nobody asks any more.
      await Promise.allSettled([stop()]);
    },
  };
}

async function startWatching(run: SuiteRun): Promise<() => Promise<ResourceFigures>> {
  const own = run.spec.services.filter((service) => service.kind === 'http');
  const services = await resourceSampler(
    run,
    own.map(({ name }) => name),
  );
  const limited = own.flatMap(({ name, resources }) => (resources.cpus === null ? [] : [{ name, cores: resources.cpus }]));
  const groups = await Promise.all(
    limited.map(async ({ name, cores }): Promise<CpuGroup | null> => {
      const reader = await resourceSampler(run, [name]);
      return reader === null ? null : { who: name, cores, reader };
    }),
  );
  const postgresUrl = await adminUrlOf(run, 'postgres');
  const redisUrl = await adminUrlOf(run, 'redis');
  const postgres = postgresUrl === null ? null : postgresSampler({ connectionString: postgresUrl, intervalMs: EVERY_MS });
  const redis = redisUrl === null ? null : redisSampler({ url: redisUrl, intervalMs: EVERY_MS });
  return async () => {
    const together = (await services?.stop()) ?? null;
    const single = groups.filter((group) => group !== null);
    const cpu = await Promise.all(single.map(async ({ who, cores, reader }) => ({ who, cores, samples: await reader.stop() })));
    const all = together === null ? [] : [{ who: 'all services', cores: availableParallelism(), samples: together }];
    return {
      services: together,
      cpu: [...all, ...cpu],
      postgres: (await stopped(postgres)) ?? null,
      redis: (await stopped(redis)) ?? null,
    };
  };
}

async function stopped<T>(sampler: Sampler<T> | null): Promise<readonly T[] | null> {
  return sampler === null ? null : sampler.stop();
}

/** The first store of a kind, when there is one and a way into it. */
async function adminUrlOf(run: SuiteRun, kind: 'postgres' | 'redis'): Promise<string | null> {
  if (!run.spec.services.some((service) => service.kind === kind)) return null;
  return (await run.service(kind)).adminUrl;
}

/** Only what was seen between two times of CLOCK_MONOTONIC: while the load ran, and not while the generator measured itself. */
export function seenBetween(figures: ResourceFigures, [fromMs, untilMs]: readonly [fromMs: number, untilMs: number]): ResourceFigures {
  const within = <T extends { readonly atMs: number }>(samples: readonly T[]): readonly T[] =>
    samples.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
  const { services, cpu, postgres, redis } = figures;
  return {
    services: services && within(services),
    cpu: cpu.map((group) => ({ ...group, samples: within(group.samples) })),
    postgres: postgres && within(postgres),
    redis: redis && within(redis),
  };
}

type Finding = Pick<Observed, 'observation' | 'witnesses'>;

/**
 * Share of the processors that is in use. A service for which the target file names `resources.cpus` is measured by it, all own services
 * together by the processors of the machine; the fullest of these counts.
 */
export function cpuFinding({ cpu }: ResourceFigures): Finding {
  const shares = cpu.map(({ who, cores, samples }) => ({
    who,
    cores,
    values: samples.flatMap((sample) => (sample.cores === null ? [] : [sample.cores / cores])),
  }));
  const fullest = shares.filter(({ values }) => values.length > 0).toSorted((a, b) => meanOf(b.values) - meanOf(a.values))[0];
  if (fullest === undefined) throw new NotMeasured('the processes of the services could not be seen');
  return {
    observation: { kind: 'mean', unit: '%', samples: fullest.values },
    witnesses: shares
      .filter(({ values }) => values.length > 0)
      .map(({ who, cores, values }) => ({
        source: who,
        saw: `${(meanOf(values) * cores).toFixed(2)} of ${cores} cores in use, at most ${(Math.max(...values) * cores).toFixed(2)}`,
      })),
  };
}

export function memoryFinding({ services }: ResourceFigures): Finding {
  const samples = (services ?? []).flatMap(({ memoryBytes }) => (memoryBytes === null ? [] : [memoryBytes / MIB]));
  return levelFinding({
    samples,
    unit: 'mb',
    source: 'processes of the services',
    missing: 'the processes of the services could not be seen',
  });
}

export function connectionsFinding(run: SuiteRun, { postgres }: ResourceFigures): Finding {
  const samples = (postgres ?? []).flatMap(({ activity }) => (activity === null ? [] : [activity.total]));
  const finding = levelFinding({
    samples,
    unit: 'count',
    source: 'pg_stat_activity',
    missing: `Postgres could not be asked: ${postgres?.find(({ error }) => error !== null)?.error ?? 'there is no way in'}`,
  });
  const pools = run.spec.services.flatMap((service) => (service.kind === 'postgres' && service.poolMax !== null ? [service.poolMax] : []));
  const allowed = pools.map((max) => ({ source: 'target file', saw: `a pool of at most ${max}` }));
  return { ...finding, witnesses: [...(finding.witnesses ?? []), ...allowed] };
}

export function redisFinding({ redis }: ResourceFigures): Finding {
  const samples = (redis ?? []).flatMap(({ usage }) => (usage === null ? [] : [usage.usedMemoryBytes / MIB]));
  return levelFinding({
    samples,
    unit: 'mb',
    source: 'INFO memory',
    missing: `Redis could not be asked: ${redis?.find(({ error }) => error !== null)?.error ?? 'there is no way in'}`,
  });
}

interface Level {
  readonly samples: readonly number[];
  readonly unit: 'mb' | 'count';
  readonly source: string;
  readonly missing: string;
}

function levelFinding({ samples, unit, source, missing }: Level): Finding {
  if (samples.length === 0) throw new NotMeasured(missing);
  const highest = Math.max(...samples);
  return {
    observation: { kind: 'level', unit, samples, worst: 'max' },
    witnesses: [{ source, saw: `${samples.length} readings, at most ${unit === 'mb' ? `${highest.toFixed(0)} MiB` : highest}` }],
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The lines of the report, on the run's clock; what could not be watched has none. */
export function resourceSeries(run: SuiteRun, { services, postgres, redis }: ResourceFigures, prefix: string): readonly RecordSeries[] {
  const line = <T extends { readonly atMs: number }>(
    samples: readonly T[] | null,
    [name, unit, label]: readonly [name: string, unit: string, label: string],
    value: (sample: T) => number | null,
  ): readonly RecordSeries[] => {
    const shown = { id: `${prefix}.${name}`, suite: 'benchmark', label, unit, runStartedAtMs: run.startMonotonicMs };
    return samples === null ? [] : [sampleSeries(samples, { ...shown, value })];
  };
  const mib = (bytes: number | null | undefined): number | null => (bytes === null || bytes === undefined ? null : bytes / MIB);
  return [
    ...line(services, ['cpu', 'cores', 'target: cores in use'], ({ cores }) => cores),
    ...line(services, ['rss', 'mb', 'target: resident memory'], ({ memoryBytes }) => mib(memoryBytes)),
    ...line(postgres, ['connections', 'count', 'Postgres: connections of the target'], ({ activity }) => activity?.total ?? null),
    ...line(redis, ['redis', 'mb', 'Redis: memory in use'], ({ usage }) => mib(usage?.usedMemoryBytes)),
  ];
}
