import type { Calibration, Operation } from '../harness/load/index.ts';
import { calibrate, startPreciseClock } from '../harness/load/index.ts';
import { startServer, type ChildServer } from './child-server.ts';
import { planFor, runPlan, withHttp } from './http-load.ts';
import type { Figure, Bench } from './result.ts';
import { figure, median, spread } from './result.ts';
import { judged } from './target.ts';

const RATES = [100, 1000, 5000];
const ROUNDS = 5;
const DURATION_MS = 3000;
/** Rate of which the targets are. */
const JUDGED = 1000;
const BIN_MS = 10;
const NOTHING: Operation = {
  name: 'nothing',
  start: (call) => call.end('ok'),
  async [Symbol.asyncDispose]() {},
};

/** How late the pacer is when nothing else is to be done, what that costs, and what of it arrives at a server. */
export const pacing: Bench = {
  name: 'pacing',
  title: `Pacer: send lateness and CPU of an idle generator, and ${JUDGED}/s as a server sees them; medians of ${ROUNDS}`,
  async run() {
    const figures: Figure[] = [];
    for (const perSecond of RATES) figures.push(...(await atRate(perSecond)));
    figures.push(...(await atRate(JUDGED, 'timers')));
    return [...figures, ...(await seenByServer())];
  },
};

async function atRate(perSecond: number, timers?: 'timers'): Promise<Figure[]> {
  const rounds: Calibration[] = [];
  const options = { operation: NOTHING, perSecond, durationMs: DURATION_MS };
  for (let round = 0; round < ROUNDS; round += 1) {
    await using clock = await startPreciseClock();
    rounds.push(await calibrate(timers ? options : { ...options, clock }));
  }
  const late = (name: 'p50' | 'p99') => rounds.flatMap((round) => (round.latenessMs === null ? [] : [round.latenessMs[name]]));
  const row = (what: string, unit: string, { values, atMost }: { readonly values: readonly number[]; readonly atMost: number }) => {
    const [name, value, note] = [`${perSecond}/s ${what}${timers ? ' by timers of the loop' : ''}`, median(values), spread(values)];
    return perSecond === JUDGED && !timers ? judged(name, value, unit, { atMost, note }) : figure(name, value, unit, note);
  };
  return [
    row('lateness p50', 'ms', { values: late('p50'), atMost: 0.6 }),
    row('lateness p99', 'ms', { values: late('p99'), atMost: 1.5 }),
    row('CPU', '% of a core', { values: rounds.map((round) => round.cpuShare * 100), atMost: 10 }),
  ];
}

async function seenByServer(): Promise<Figure[]> {
  await using server = await startServer('arrival-server.js');
  const rounds: { readonly rate: number; readonly peak: number; readonly cpu: number; readonly late: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await arrivals(server));
  const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
  const deviation = of('rate').map((rate) => Math.abs(rate / JUDGED - 1) * 100);
  return [
    judged('arrived, deviation from the rate', median(deviation), '%', { atMost: 0.5, note: spread(deviation) }),
    judged(`fullest ${BIN_MS} ms / mean`, median(of('peak')), 'ratio', { atMost: 3, note: spread(of('peak')) }),
    figure('lateness p99 with HTTP', median(of('late')), 'ms', spread(of('late'))),
    figure('CPU with HTTP', median(of('cpu')), '% of a core', spread(of('cpu'))),
  ];
}

async function arrivals(server: ChildServer): Promise<{ rate: number; peak: number; cpu: number; late: number }> {
  const plan = planFor({ kind: 'constant', perSecond: JUDGED, durationMs: DURATION_MS }, { warmupMs: DURATION_MS / 6 });
  const result = await withHttp(server.origin, (operation) => runPlan(plan, operation));
  // The first sixth opens connections.
  const all = (await server.ask()) as readonly number[];
  const arrivedMs = all.slice(Math.round(all.length / 6));
  const [first, last] = [arrivedMs[0] ?? 0, arrivedMs.at(-1) ?? 0];
  const bins = new Map<number, number>();
  for (const atMs of arrivedMs) bins.set(Math.floor((atMs - first) / BIN_MS), (bins.get(Math.floor((atMs - first) / BIN_MS)) ?? 0) + 1);
  return {
    rate: ((arrivedMs.length - 1) * 1000) / (last - first),
    peak: Math.max(...bins.values()) / ((JUDGED * BIN_MS) / 1000),
    cpu: (result.cpuMs / DURATION_MS) * 100,
    late: result.latenessMs?.p99 ?? Number.NaN,
  };
}
