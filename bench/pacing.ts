import type { Calibration } from '../harness/load/index.ts';
import { calibrate } from '../harness/load/index.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const RATES = [100, 1000, 5000];
const ROUNDS = 5;
const DURATION_MS = 1500;

/** How late the pacer is when nothing else is to be done, and what it costs. */
export const pacing: Bench = {
  name: 'pacing',
  title: 'Pacer: send lateness and CPU of an idle generator',
  async run() {
    const figures: Figure[] = [];
    for (const perSecond of RATES) figures.push(...(await atRate(perSecond)));
    return figures;
  },
};

async function atRate(perSecond: number): Promise<Figure[]> {
  const rounds: Calibration[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await calibrate({ perSecond, durationMs: DURATION_MS }));
  const late = (name: 'p50' | 'p99') => rounds.flatMap((round) => (round.latenessMs === null ? [] : [round.latenessMs[name]]));
  const cpu = rounds.map((round) => round.cpuShare * 100);
  return [
    figure(`${perSecond}/s lateness p50`, median(late('p50')), 'ms', spread(late('p50'))),
    figure(`${perSecond}/s lateness p99`, median(late('p99')), 'ms', spread(late('p99'))),
    figure(`${perSecond}/s CPU`, median(cpu), '% of a core', spread(cpu)),
  ];
}
