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
    const parts = Object.entries(record.overhead);
    // What passes before the run's clock starts (Node, imports) and after its record is written is overhead too.
    const outsideMs = Math.max(0, wallMs - record.run.durationMs);
    const sumMs = parts.reduce((sum, [, ms]) => sum + ms, outsideMs);
    return [
      figure('share', (sumMs / wallMs) * 100, '%', `of ${wallMs.toFixed(0)} ms`),
      ...parts.map(([name, ms]) => figure(name, ms, 'ms')),
      figure('before and after the record', outsideMs, 'ms'),
    ];
  },
};
