import { postgresSampler, type PostgresSample } from '../harness/metrics/postgres-sampler.ts';
import { processSampler, type ProcessSample } from '../harness/metrics/process-sampler.ts';
import { floorOf, slopePerHour } from '../harness/metrics/slope.ts';
import type { RunningService } from '../harness/model/environment.ts';
import type { Figure } from './result.ts';
import { figure } from './result.ts';

type Points = readonly (readonly [number, number])[];

export interface StackWatch extends AsyncDisposable {
  /** What grew since that moment of CLOCK_MONOTONIC. */
  figures(sinceMs: number): Promise<readonly Figure[]>;
}

const SAMPLE_MS = 1000;
/** Longer than a burst keeps a connection of the pool open. */
const STRETCH_MS = 15_000;
const MIB = 1024 * 1024;

/** Samples the gateway, all services together, and the sessions in Postgres. */
export function watchStack(services: ReadonlyMap<string, RunningService>, gateway: RunningService): StackWatch {
  const pids = (): number[] => [...services.values()].flatMap(({ kind, pid }) => (kind === 'http' && pid !== null ? [pid] : []));
  const own = processSampler({ pids: () => (gateway.pid === null ? [] : [gateway.pid]), intervalMs: SAMPLE_MS });
  const all = processSampler({ pids, intervalMs: SAMPLE_MS });
  const adminUrl = services.get('postgres')?.adminUrl ?? null;
  const sessions = adminUrl === null ? null : postgresSampler({ connectionString: adminUrl, intervalMs: SAMPLE_MS });
  const stop = () => Promise.all([own.stop(), all.stop(), sessions === null ? Promise.resolve([]) : sessions.stop()] as const);
  return {
    figures: async (sinceMs) => {
      const [mine, everybody, activity] = await stop();
      const since = <T extends { readonly atMs: number }>(samples: readonly T[]): readonly T[] =>
        samples.filter(({ atMs }) => atMs >= sinceMs);
      return [...treeFigures('gateway', since(mine)), ...treeFigures('all services', since(everybody)), sessionFigure(since(activity))];
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

function treeFigures(of: string, samples: readonly ProcessSample[]): readonly Figure[] {
  const cores = samples.flatMap((sample) => sample.cores ?? []);
  return [
    growthFigure(
      `memory of ${of}`,
      'MiB',
      curve(samples, ({ rssBytes }) => rssBytes && rssBytes / MIB),
    ),
    growthFigure(
      `descriptors of ${of}`,
      '',
      curve(samples, ({ fds }) => fds),
    ),
    figure(`cores of ${of}, mean`, cores.length === 0 ? null : cores.reduce((a, b) => a + b, 0) / cores.length, ''),
  ];
}

function sessionFigure(samples: readonly PostgresSample[]): Figure {
  return growthFigure(
    'Postgres connections',
    '',
    curve(samples, ({ activity }) => activity?.total ?? null),
  );
}

/** The floor of what was sampled. */
function curve<T extends { readonly atMs: number }>(samples: readonly T[], value: (sample: T) => number | null): Points {
  return floorOf(
    samples.flatMap((sample) => point(sample.atMs, value(sample))),
    STRETCH_MS,
  );
}

const HOUR_MS = 3_600_000;

/** Growth along the fitted line, with what can be said about it. */
export function growthFigure(what: string, unit: string, points: Points): Figure {
  const slope = slopePerHour(points);
  if (slope === null) return figure(`${what}, growth`, null, unit, 'too few samples');
  const { level, spanMs } = slope;
  const [growth, low, high] = [slope.perHour, slope.low, slope.high].map((perHour) => (perHour * spanMs) / HOUR_MS) as [
    number,
    number,
    number,
  ];
  const share = (value: number): string => `${((value / level) * 100).toFixed(1)} %`;
  const verdict = low > 0 ? `grows, by ${share(growth)}` : `not proven to grow; at most by ${share(high)}`;
  return figure(`${what}, growth`, growth, unit, `between ${low.toFixed(2)} and ${high.toFixed(2)} around ${level.toFixed(1)}: ${verdict}`);
}

export function point(x: number, y: number | null): Points {
  return y === null ? [] : [[x, y]];
}
