import { musterRun } from './muster-run.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const ROUNDS = 3;

/** From the command to a stack that is ready, for the target of this folder's config. */
export const stackStart: Bench = {
  name: 'stack-start',
  title: 'Time from the command to the ready stack',
  async run() {
    const readyMs: number[] = [];
    const wallMs: number[] = [];
    const byService = new Map<string, number[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const run = await musterRun(['--suite', 'preflight']);
      if (run.record === null) return [figure('ready', null, 'ms', run.failure)];
      const starts = run.record.suites.flatMap((suite) => (suite.startMs === null ? [] : [suite.startMs]));
      if (starts.length > 0) readyMs.push(Math.min(...starts));
      wallMs.push(run.wallMs);
      for (const service of run.record.services) {
        if (service.readyMs !== null) byService.set(service.name, [...(byService.get(service.name) ?? []), service.readyMs]);
      }
    }
    const services = [...byService].map(([name, values]): Figure => figure(`${name} ready`, median(values), 'ms', spread(values)));
    return [
      figure('first suite begins', median(readyMs), 'ms', spread(readyMs)),
      figure('preflight, whole', median(wallMs), 'ms', spread(wallMs)),
      ...services,
    ];
  },
};
