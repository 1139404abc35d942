import { latencyAt } from '../harness/load/index.ts';
import { quantileOf, sortedCopy } from '../harness/load/quantile.ts';
import { autocannonLatency } from './autocannon-latency.ts';
import { startServer } from './child-server.ts';
import { planFor, runPlan, withHttp } from './http-load.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { stallFigures } from './stall.ts';
import { judged } from './target.ts';

const LAWS = [
  { law: 'constant', scaleMs: 100 },
  { law: 'lognormal', scaleMs: 20 },
];
const QUANTILES = [0.5, 0.95, 0.99];
const ROUNDS = 5;
const DURATION_MS = 5000;
/** Far below half of what the generator can send. */
const PER_SECOND = 200;
const MAX_ERROR_MS = 0.5;
const MAX_ERROR_PERCENT = 1;

/** What the generator reports against what the server itself saw, in the same run; autocannon beside it. */
export const accuracy: Bench = {
  name: 'accuracy',
  title: `Percentiles against the server's own, ${PER_SECOND}/s open loop, medians of ${ROUNDS} rounds`,
  async run() {
    const figures: Figure[] = [];
    for (const server of LAWS) figures.push(...(await against(server)));
    return [...figures, ...(await stallFigures())];
  },
};

interface Error {
  readonly reported: number;
  readonly truth: number;
}

async function against({ law, scaleMs }: (typeof LAWS)[number]): Promise<Figure[]> {
  await using server = await startServer('delay-server.js', [law, `${scaleMs}`]);
  const truths = async () => sortedCopy((await server.ask()) as number[]);
  const rounds: (readonly Error[])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan = planFor({ kind: 'constant', perSecond: PER_SECOND, durationMs: DURATION_MS }, { arrivals: 'poisson', seed: round + 1 });
    const result = await withHttp(server.origin, (operation) => runPlan(plan, operation));
    const seen = await truths();
    rounds.push(QUANTILES.map((q) => ({ reported: latencyAt(result, q) ?? Number.NaN, truth: quantileOf(seen, q) ?? Number.NaN })));
  }
  const theirs = await autocannonLatency(server.origin, DURATION_MS / 1000, PER_SECOND);
  const seen = await truths();
  // It has no p95.
  const beside = [theirs.p50, null, theirs.p99];
  return QUANTILES.flatMap((q, place) => {
    const name = `${law} ${scaleMs} ms p${q * 100}`;
    const reported = beside[place] ?? null;
    return [
      errorFigure(
        name,
        rounds.flatMap((round) => round[place] ?? []),
      ),
      ...(reported === null ? [] : [autocannonFigure(name, reported, quantileOf(seen, q) ?? Number.NaN)]),
    ];
  });
}

/** Off by so much in the median round; the target is the looser of 1 % and 0.5 ms. */
function errorFigure(name: string, errors: readonly Error[]): Figure {
  const off = errors.map(({ reported, truth }) => reported - truth);
  const truth = median(errors.map((error) => error.truth)) ?? Number.NaN;
  const atMost = Number(Math.max(MAX_ERROR_MS, (MAX_ERROR_PERCENT / 100) * truth).toFixed(3));
  const note = `server saw ${truth.toFixed(1)}; ${spread(off)}`;
  return judged(`${name} error`, median(off), 'ms', { atLeast: -atMost, atMost, note });
}

function autocannonFigure(name: string, reported: number, truth: number): Figure {
  return figure(`${name} error of autocannon`, reported - truth, 'ms', `reported ${reported}, server saw ${truth.toFixed(1)}`);
}
