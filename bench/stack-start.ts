import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { musterRun } from './muster-run.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const ROUNDS = 5;
const PROVIDERS = ['local', 'containers', 'compose'] as const;

/**
 * From the command to a stack that is ready, and from its last use to nothing left, for the target of this folder's config; beside the
 * start of an empty Node. One start before, which is not counted, makes what is kept between runs.
 */
export const stackStart: Bench = {
  name: 'stack-start',
  title: 'Time from the command to the ready stack, and from there to nothing left',
  async run() {
    const nodeMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) nodeMs.push(await emptyNodeMs());
    const figures = [figure('start and end of an empty Node', median(nodeMs), 'ms', spread(nodeMs))];
    for (const provider of PROVIDERS) figures.push(...(await startsWith(provider, median(nodeMs))));
    return figures;
  },
};

async function startsWith(provider: string, emptyMs: number | null): Promise<readonly Figure[]> {
  const readyMs: number[] = [];
  const goneMs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const { record, failure } = await musterRun(['--suite', 'preflight', '--provider', provider]);
    if (record === null) return [figure(`${provider}: command to ready stack`, null, 'ms', failure)];
    const { readyMs: ready, teardownMs: gone } = record.overhead;
    if (ready === undefined || gone === undefined)
      return [figure(`${provider}: command to ready stack`, null, 'ms', 'it did not get ready')];
    if (round === 0) continue;
    readyMs.push(ready);
    goneMs.push(gone);
  }
  const ready = median(readyMs);
  const ratio = ready === null || emptyMs === null ? null : ready / emptyMs;
  return [
    figure(`${provider}: command to ready stack`, ready, 'ms', spread(readyMs)),
    figure(`${provider}: ready stack / empty Node`, ratio, '×', 'eight services, Postgres and Redis'),
    figure(`${provider}: teardown`, median(goneMs), 'ms', spread(goneMs)),
  ];
}

async function emptyNodeMs(): Promise<number> {
  const startedAtMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close');
  return performance.now() - startedAtMs;
}
