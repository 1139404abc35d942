import { constantRate, runLoad } from '../harness/load/index.ts';
import { postgresSampler } from '../harness/metrics/postgres-sampler.ts';
import { processSampler } from '../harness/metrics/process-sampler.ts';
import { redisSampler } from '../harness/metrics/redis-sampler.ts';
import type { RunningService } from '../harness/model/environment.ts';
import { withReferenceStack } from './reference-stack.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { type Mix, openMix } from './steady-mix.ts';
import { judged } from './target.ts';

const PER_SECOND = 100;
const WARMUP_MS = 15_000;
const ROUND_MS = 8_000;
const PAIRS = 7;
/** As often as the suite that looks most often: into the sessions of Postgres while the database works, into everything else under the declared load. */
const POSTGRES_EVERY_MS = 100;
const OTHERS_EVERY_MS = 250;
const MOST_PERCENT = 10;

/** CPU per request of the services, Postgres and Redis together, with and without what looks into the stores. */
export const observation: Bench = {
  name: 'observation',
  title: `What observing costs the target at ${PER_SECOND}/s: its processor time with our samplers against without, ${PAIRS} pairs of ${ROUND_MS / 1000} s`,
  run: () => withReferenceStack(measure),
};

async function measure(services: ReadonlyMap<string, RunningService>): Promise<Figure[]> {
  const gateway = services.get('gateway');
  if (gateway === undefined) return [figure('more with than without', null, '%', 'the target has no gateway')];
  const mix = await openMix(gateway.url);
  const round = (observed: boolean): Promise<Round> => rounded(services, mix, observed);
  try {
    await load(mix, WARMUP_MS);
    const pairs: { readonly plain: Round; readonly observed: Round }[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // The one that comes first changes, so that what drifts with time counts for neither.
      const first = await round(pair % 2 === 0);
      const second = await round(pair % 2 === 1);
      pairs.push(pair % 2 === 0 ? { observed: first, plain: second } : { observed: second, plain: first });
    }
    return figuresOf(pairs);
  } finally {
    await mix.close();
  }
}

interface Round {
  /** Milliseconds of processor time per request; null: the processes could not be seen. */
  readonly perRequestMs: number | null;
  readonly cores: number | null;
  readonly looks: number;
}

async function rounded(services: ReadonlyMap<string, RunningService>, mix: Mix, observed: boolean): Promise<Round> {
  // Reading /proc costs whoever reads, not those who are read: it is the meter in both.
  const pids = (): number[] => [...services.values()].flatMap(({ pid }) => (pid === null ? [] : [pid]));
  const looking = observed ? lookers(services) : [];
  const meter = processSampler({ pids, intervalMs: OTHERS_EVERY_MS });
  const answered = await load(mix, ROUND_MS);
  const samples = await meter.stop();
  const looks = (await Promise.all(looking.map((looker) => looker.stop()))).reduce((sum, seen) => sum + seen.length, 0);
  const cores = samples.flatMap((sample) => sample.cores ?? []);
  const mean = cores.length === 0 ? null : cores.reduce((sum, one) => sum + one, 0) / cores.length;
  return { cores: mean, looks, perRequestMs: mean === null || answered === 0 ? null : (mean * ROUND_MS) / answered };
}

function lookers(services: ReadonlyMap<string, RunningService>): readonly { stop(): Promise<readonly unknown[]> }[] {
  const [postgres, redis] = ['postgres', 'redis'].map((name) => services.get(name)?.adminUrl ?? null);
  return [
    ...(typeof postgres === 'string' ? [postgresSampler({ connectionString: postgres, intervalMs: POSTGRES_EVERY_MS })] : []),
    ...(typeof redis === 'string' ? [redisSampler({ url: redis, intervalMs: OTHERS_EVERY_MS })] : []),
  ];
}

async function load(mix: Mix, durationMs: number): Promise<number> {
  const schedule = constantRate({ perSecond: PER_SECOND, durationMs });
  const limits = { warmupMs: 0, maxInFlight: 200, timeoutMs: 5_000, drainMs: 0 };
  const { byOutcome } = await runLoad({ schedule, action: mix.action, ...limits });
  return byOutcome.ok;
}

function figuresOf(pairs: readonly { readonly plain: Round; readonly observed: Round }[]): Figure[] {
  const looked = pairs.filter(({ observed }) => observed.looks > 0);
  const ratios = looked.flatMap(({ plain, observed }) =>
    plain.perRequestMs === null || observed.perRequestMs === null ? [] : [(observed.perRequestMs / plain.perRequestMs - 1) * 100],
  );
  const cores = (of: 'plain' | 'observed'): number[] => pairs.flatMap((pair) => pair[of].cores ?? []);
  return [
    judged('more with samplers than without, per request', median(ratios), '%', {
      atMost: MOST_PERCENT,
      note: looked.length === 0 ? 'no store could be looked into' : spread(ratios),
    }),
    figure('target without them', median(cores('plain')), 'cores', spread(cores('plain'))),
    figure('target with them', median(cores('observed')), 'cores', spread(cores('observed'))),
    figure('looks into the stores in one round', median(pairs.map(({ observed }) => observed.looks)), ''),
  ];
}
