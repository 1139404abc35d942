import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { musterRun } from './muster-run.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const ROUNDS = 5;

/** From the command to a stack that is ready, for the target of this folder's config, beside the start of an empty Node. */
export const stackStart: Bench = {
  name: 'stack-start',
  title: 'Time from the command to the ready stack',
  async run() {
    const readyMs: number[] = [];
    const nodeMs: number[] = [];
    const byService = new Map<string, number[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      nodeMs.push(await emptyNodeMs());
      const run = await musterRun(['--suite', 'preflight']);
      if (run.record === null) return [figure('ready', null, 'ms', run.failure)];
      const ready = run.record.overhead['readyMs'];
      if (ready !== undefined) readyMs.push(ready);
      for (const service of run.record.services) {
        if (service.readyMs !== null) byService.set(service.name, [...(byService.get(service.name) ?? []), service.readyMs]);
      }
    }
    const services = [...byService].map(
      ([name, values]): Figure => figure(`${name}, spawn to ready`, median(values), 'ms', spread(values)),
    );
    const [ready, empty] = [median(readyMs), median(nodeMs)];
    return [
      figure('command to ready stack', ready, 'ms', spread(readyMs)),
      figure('start and end of an empty Node', empty, 'ms', spread(nodeMs)),
      figure(
        'ready stack / empty Node',
        ready === null || empty === null ? null : ready / empty,
        '×',
        'eight Node processes, Postgres and Redis',
      ),
      ...services,
    ];
  },
};

async function emptyNodeMs(): Promise<number> {
  const startedAtMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close');
  return performance.now() - startedAtMs;
}
