import { musterRun } from './muster-run.ts';
import type { Bench } from './result.ts';
import { figure } from './result.ts';

/** The share of a quick run that is not spent measuring. */
export const overhead: Bench = {
  name: 'overhead',
  title: 'Wall time of a quick run that is not measuring',
  async run() {
    const run = await musterRun(['--profile', 'quick']);
    if (run.record === null) return [figure('share', null, '%', run.failure)];
    const { record, wallMs } = run;
    // Everything between the command and its exit that no suite has spent, whatever the run itself accounts for.
    const measuringMs = record.suites.reduce((sum, suite) => sum + suite.durationMs, 0);
    const parts = Object.entries(record.overhead).map(([name, ms]) => figure(name, ms, 'ms'));
    return [figure('share', (1 - measuringMs / wallMs) * 100, '%', `of ${wallMs.toFixed(0)} ms`), ...parts];
  },
};
