import { type CapacityResult, searchCapacity } from '../harness/load/index.ts';
import { startServer } from './child-server.ts';
import { planFor, runPlan, withHttp } from './http-load.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { judged } from './target.ts';

const SERVERS = [
  { slots: 8, serviceMs: 10 },
  { slots: 20, serviceMs: 50 },
  { slots: 7, serviceMs: 12.9 },
];
const ROUNDS = Number(process.env['MUSTER_BENCH_ROUNDS'] ?? 5);
const START_PER_SECOND = 50;

/** The search for the highest rate that is sustained, against servers of which it is known. */
export const capacity: Bench = {
  name: 'capacity',
  title: `Capacity search against servers of known capacity, medians of ${ROUNDS}`,
  async run() {
    const figures: Figure[] = [];
    for (const server of SERVERS) figures.push(...(await against(server)));
    return figures;
  },
};

async function against({ slots, serviceMs }: (typeof SERVERS)[number]): Promise<Figure[]> {
  const truth = Math.round((slots * 1000) / serviceMs);
  const rounds: CapacityResult[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await search({ slots, serviceMs }));
  const name = `${slots} × ${serviceMs} ms = ${truth}/s:`;
  const found = rounds.flatMap((round) => (round.capacity === null ? [] : [(round.capacity.perSecond / truth) * 100]));
  const goodput = rounds.flatMap((round) => (round.overload === null ? [] : [round.overload.goodputShare]));
  const recovered = rounds.flatMap((round) => round.recovery?.recoveredMs ?? []);
  const took = rounds.map((round) => round.tookMs / 1000);
  const worst = Math.max(...found.map((share) => Math.abs(share - 100)));
  return [
    judged(`${name} found`, found.length === rounds.length ? median(found) : null, '%', { atLeast: 93, atMost: 107, note: spread(found) }),
    figure(`${name} farthest round`, worst, '% off', rounds.flatMap(({ fault }) => fault ?? []).join(' ')),
    judged(`${name} took`, Math.max(...took), 's', { atMost: 40, note: spread(took) }),
    figure(`${name} steps`, median(rounds.map(({ steps }) => steps.length)), '', stepsOf(rounds[0])),
    figure(`${name} knee`, median(rounds.flatMap(({ knee }) => (knee === null ? [] : [knee.perSecond]))), '/s'),
    figure(`${name} goodput at 150 %`, median(goodput), 'of capacity', spread(goodput)),
    figure(`${name} recovered at 70 % after`, median(recovered), 'ms', spread(recovered)),
  ];
}

async function search({ slots, serviceMs }: (typeof SERVERS)[number]): Promise<CapacityResult> {
  await using server = await startServer('queue-server.js', [`${slots}`, `${serviceMs}`]);
  const { shape: _, warmupMs: __, timeoutMs: ___, drainMs: ____, ...plan } = planFor({ kind: 'constant', perSecond: 1, durationMs: 1 });
  const options = { plan, limitMs: 5 * serviceMs, q: 0.95, startPerSecond: START_PER_SECOND, maxPerSecond: 5000 };
  return await withHttp(server.origin, (operation) => searchCapacity((step) => runPlan(step, operation), options));
}

function stepsOf(result: CapacityResult | undefined): string {
  const sign = { sustained: '+', beyond: '−', unknown: '?' };
  return (result?.steps ?? []).map(({ verdict, figures }) => `${sign[verdict]}${figures.perSecond.toFixed(0)}`).join(' ');
}
