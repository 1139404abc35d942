import { blockLatencies, check, generatorFault, lostShare, NotMeasured, spreadOf } from '../../harness/index.ts';
import { mixOf } from '../support/mix.ts';
import { steadyPlan, WARMUP_MS } from './plans.ts';
import { warmUp } from './warm-up.ts';

const REPEATS = 5;
const EACH_MS = 5_000;

/** Declares the check of repeats: the same load again and again, each from its own start. */
export function spreadChecks(): void {
  check(
    'benchmark.spread',
    async (run) => {
      await warmUp(run);
      const p95s: number[] = [];
      let fault: string | null = null;
      for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
        const plan = steadyPlan(run, {
          id: `benchmark.repeat${repeat}`,
          suite: 'benchmark',
          label: `the declared load, repeat ${repeat} of ${REPEATS}`,
          durationMs: WARMUP_MS + EACH_MS,
          mix: mixOf(run),
        });
        const result = await run.load({ ...plan, calibrate: false });
        const lost = lostShare(result);
        if (lost !== null) throw new NotMeasured(lost.reason);
        fault ??= generatorFault(result);
        if (result.byOutcome.ok > 0) p95s.push(...blockLatencies(result, 0.95, 1));
      }
      const spread = spreadOf(p95s);
      if (p95s.length < REPEATS || spread === null || spread.variation === null)
        throw new NotMeasured(`only ${p95s.length} of ${REPEATS} repeats brought an answer, and a spread needs all of them`);
      const { variation, median, lowest, highest } = spread;
      return {
        observation: { kind: 'level', unit: '%', worst: 'max', samples: [variation], ofTimes: true },
        harnessFault: fault,
        witnesses: [
          { source: 'repeats', saw: `p95 ${p95s.map((value) => value.toFixed(1)).join(', ')} ms` },
          { source: 'spread', saw: `median ${median.toFixed(1)} ms, from ${lowest.toFixed(1)} to ${highest.toFixed(1)} ms` },
        ],
      };
    },
    { limitMs: 90_000 },
  );
}
