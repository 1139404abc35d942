import {
  check,
  floorOf,
  generatorFault,
  latencyQuantile,
  lostShare,
  NotMeasured,
  scenario,
  series,
  slopePerHour,
  type Observed,
  type SuiteRun,
} from '../../harness/index.ts';
import { mixOf } from '../support/mix.ts';
import { steadyPlan, WARMUP_MS } from './plans.ts';
import { resourceSeries, seenBetween, watchResources } from './resources.ts';

const SHOWN = { id: 'benchmark.soak', suite: 'benchmark', label: 'the declared load for long' };
/** At the beginning caches fill and code is compiled: that growth is no leak. */
const SETTLING_SHARE = 0.2;
/** Memory is judged by its lowest value in so many stretches: what garbage collection leaves. */
const STRETCHES = 40;
const MIB = 2 ** 20;

type Points = readonly (readonly [atMs: number, value: number])[];

const soaked = scenario(async (run) => {
  const durationMs = WARMUP_MS + run.spec.workload.soakMs;
  await using watching = await watchResources(run);
  const result = await run.load(steadyPlan(run, { ...SHOWN, durationMs, mix: mixOf(run) }));
  const resources = seenBetween(await watching.stop(), [result.startedAtMs, result.startedAtMs + durationMs]);
  const lines = [...series(result, SHOWN, run.startMonotonicMs), ...resourceSeries(run, resources, SHOWN.id)];
  for (const line of lines) await run.publish.series(line);
  const lost = lostShare(result);
  if (lost !== null) throw new NotMeasured(lost.reason);
  return { result, resources };
});

type Soaked = Awaited<ReturnType<typeof soaked>>;

/** What grows: points over time, in the unit of the criterion. */
const GROWING: Readonly<Record<string, (soaked: Soaked, stretchMs: number) => Points>> = {
  memory: ({ resources }, stretchMs) =>
    floorOf(
      (resources.services ?? []).flatMap(({ atMs, memoryBytes }) => (memoryBytes === null ? [] : [[atMs, memoryBytes / MIB] as const])),
      stretchMs,
    ),
  descriptors: ({ resources }, stretchMs) =>
    floorOf(
      (resources.services ?? []).flatMap(({ atMs, fds }) => (fds === null ? [] : [[atMs, fds] as const])),
      stretchMs,
    ),
  connections: ({ resources }) =>
    (resources.postgres ?? []).flatMap(({ atMs, activity }) => (activity === null ? [] : [[atMs, activity.total] as const])),
  latency: ({ result }) => {
    const observation = latencyQuantile(result, 0.95);
    const windows = observation.kind === 'quantile' ? observation.windows : [];
    return windows.flatMap((window, index) => {
      const p95 = window.toSorted((a, b) => a - b)[Math.ceil(0.95 * window.length) - 1];
      const startMs = result.windows[index]?.startMs;
      return p95 === undefined || startMs === undefined ? [] : [[startMs, p95] as const];
    });
  },
};

/** Why there may be not one reading. */
const UNSEEN: Readonly<Record<string, string>> = {
  memory: 'neither the processes nor the containers of the services could be seen',
  descriptors: 'the processes of the services could not be seen, and what the engine says of containers has no descriptors in it',
  connections: 'Postgres could not be asked for its connections',
};

/**
 * Growth per hour, judged at the end of its interval that is nearer to being wrong: a growth that may be over the limit is not proven to be
 * under it, and one that may be under it is not proven to be over.
 */
function observe(run: SuiteRun, name: string, points: Points): Pick<Observed, 'observation' | 'witnesses'> {
  const id = `benchmark.soak.${name}`;
  const { soakMs } = run.spec.workload;
  if (points.length === 0 && UNSEEN[name] !== undefined) throw new NotMeasured(UNSEEN[name]);
  const slope = slopePerHour(points, { warmupMs: SETTLING_SHARE * soakMs });
  if (slope === null)
    throw new NotMeasured(`what was read in ${Math.round(soakMs / 1000)} s does not tell a slope: make \`workload.soak\` longer`);
  const criterion = run.criteria.find((candidate) => candidate.id === id);
  const limit = criterion?.pass?.value ?? 0;
  if (slope.low < limit && slope.high >= limit)
    throw new NotMeasured(
      `growth per hour is about ${slope.perHour.toFixed(1)}, 95 % sure between ${slope.low.toFixed(1)} and ${slope.high.toFixed(1)}, which cannot be told from ${limit}: make \`workload.soak\` longer than ${Math.round(soakMs / 60_000)} min`,
    );
  const judged = Math.max(0, slope.high < limit ? slope.high : slope.low);
  const unit = criterion?.unit ?? 'count';
  return {
    observation: { kind: 'level', unit, worst: 'max', samples: [judged] },
    witnesses: [
      {
        source: 'slope',
        saw: `${slope.perHour.toFixed(1)} per hour, 95 % sure between ${slope.low.toFixed(1)} and ${slope.high.toFixed(1)}; level ${slope.level.toFixed(1)}, ${slope.blocks} blocks in ${Math.round(slope.spanMs / 1000)} s`,
      },
    ],
  };
}

/** Declares the checks of growth over time. @param limitMs longer than any soak that is asked for. */
export function soakChecks(limitMs = 24 * 3_600_000): void {
  for (const [name, pointsOf] of Object.entries(GROWING)) {
    check(
      `benchmark.soak.${name}`,
      async (run) => {
        const soak = await soaked(run);
        const points = pointsOf(soak, ((1 - SETTLING_SHARE) * run.spec.workload.soakMs) / STRETCHES);
        return { ...observe(run, name, points), window: soak.window, harnessFault: generatorFault(soak.result) };
      },
      { limitMs },
    );
  }
}
