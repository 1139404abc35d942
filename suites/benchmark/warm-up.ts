import { scenario, type SuiteRun } from '../../harness/index.ts';
import { mixOf } from '../support/mix.ts';
import { openBooks } from './books.ts';
import { loadBeside } from './companions.ts';
import { steadyPlan } from './plans.ts';

const SHOWN = { id: 'benchmark.warm_up', suite: 'benchmark', label: 'the declared load, before anything counts' };
/** Services that just started take half a second for what takes them milliseconds later: their code is compiled under load first. */
const DURATION_MS = 5_000;

/**
 * Once, before the first load that counts: the declared one without a figure, with all who ask beside it. What happens for the first time
 * happens here; what cold services do is the matter of `benchmark.cold_start`.
 */
export const warmUp: (run: SuiteRun) => Promise<unknown> = scenario(async (run) => {
  await using books = await openBooks(run);
  const plan = steadyPlan(run, { ...SHOWN, durationMs: DURATION_MS, mix: mixOf(run) });
  await loadBeside(run, { plan: { ...plan, warmupMs: 0, calibrate: false }, durationMs: DURATION_MS }, books.companions);
});
