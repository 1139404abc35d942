import {
  achievedRate,
  check,
  constantRate,
  distribution,
  generatorFault,
  latencyQuantile,
  runLoad,
  scenario,
  series,
  successRatio,
  type LoadResult,
  type Witness,
} from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { latencyFault, marksFor } from '../support/limits.ts';
import { textMix } from '../support/texts.ts';

const WARMUP_MS = 1_000;
const SHOWN = { id: 'benchmark.steady', suite: 'benchmark', label: 'execute at the declared rate' };

/** The declared rate, open loop: arrivals do not wait for answers, latency counts from when each was due. */
const steady = scenario(async (run) => {
  const { agents, ratePerSecond } = run.spec.workload;
  const workspace = run.workspace();
  const text = textMix(run, 4);
  const result = await runLoad({
    schedule: constantRate({ perSecond: ratePerSecond, durationMs: WARMUP_MS + run.sized({ quick: 7_000, full: 40_000 }) }),
    action: async ({ index, agent }, signal) => executeOnce(run, { text: text(index), agent: `bench-${agent}`, workspace, signal }),
    warmupMs: WARMUP_MS,
    maxInFlight: 512,
    timeoutMs: 5_000,
    drainMs: 5_000,
    agents,
    gatedQuantile: 0.99,
    signal: run.signal,
    onWindow: ({ sentPerSecond, p95Ms }) => run.publish.load('benchmark', sentPerSecond, p95Ms),
  });
  await run.publish.distribution(distribution(result, SHOWN, marksFor(run, ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.latency_p99'])));
  for (const line of series(result, SHOWN, run.startMonotonicMs)) await run.publish.series(line);
  return { result };
});

const LIMIT = { limitMs: 120_000 };

function latency(id: string, q: number): void {
  check(
    id,
    async (run) => {
      const { result, window } = await steady(run);
      return { observation: latencyQuantile(result, q), harnessFault: latencyFault(run, result, { id, q }), window, witnesses: witnesses(result) };
    },
    LIMIT,
  );
}

check(
  'benchmark.success',
  async (run) => {
    const { result, window } = await steady(run);
    // Only a delay that could have made a time-out of an answer matters here.
    const harnessFault = generatorFault(result, { limitMs: result.timeoutMs, q: 0.99 });
    return { observation: successRatio(result), harnessFault, window, witnesses: witnesses(result) };
  },
  LIMIT,
);
check(
  'benchmark.throughput',
  async (run) => {
    const { result, window } = await steady(run);
    return { observation: achievedRate(result), harnessFault: generatorFault(result), window, witnesses: witnesses(result) };
  },
  LIMIT,
);
latency('benchmark.latency_p50', 0.5);
latency('benchmark.latency_p95', 0.95);
latency('benchmark.latency_p99', 0.99);

/** What the generator itself says about the run. */
function witnesses(result: LoadResult): readonly Witness[] {
  const outcomes = Object.entries(result.byOutcome).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  const lateness = result.latenessMs === null ? 'unknown' : `${result.latenessMs.p99.toFixed(1)} ms`;
  return [
    { source: 'responses', saw: `${result.scheduled} scheduled, ${result.dropped} dropped, ${result.unfinished} unfinished; ${outcomes.join(', ')}` },
    { source: 'load generator', saw: `send lateness p99 ${lateness}, event loop ${(result.elu * 100).toFixed(0)} % busy` },
  ];
}
