import {
  achievedRate,
  check,
  constantRate,
  distribution,
  latencyQuantile,
  runLoad,
  sampleSeries,
  scenario,
  series,
  successRatio,
  type LoadResult,
  type RecordSeries,
  type SuiteRun,
  type Witness,
} from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { latencyFault, marksFor, rateFault, requireOfferedAbove } from '../support/limits.ts';
import { resourceSampler, type ResourceSample } from '../support/resource-sampler.ts';
import { textMix } from '../support/texts.ts';

const WARMUP_MS = 1_000;
const SHOWN = { id: 'benchmark.steady', suite: 'benchmark', label: 'execute at the declared rate' };

/** The declared rate, open loop: arrivals do not wait for answers, latency counts from when each was due. */
const steady = scenario(async (run) => {
  const { agents, ratePerSecond } = run.spec.workload;
  const workspace = run.workspace();
  const text = textMix(run, 4);
  const sampler = await resourceSampler(run, ownServices(run));
  const result = await runLoad({
    schedule: constantRate({ perSecond: ratePerSecond, durationMs: WARMUP_MS + run.sized({ quick: 16_000, full: 45_000 }) }),
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
  await run.publish.distribution(
    distribution(result, SHOWN, marksFor(run, ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.latency_p99'])),
  );
  for (const line of series(result, SHOWN, run.startMonotonicMs)) await run.publish.series(line);
  const samples = (await sampler?.stop()) ?? [];
  for (const line of samples.length === 0 ? [] : resourceSeries(samples, run.startMonotonicMs)) await run.publish.series(line);
  return { result };
});

/** The target's own services are sampled while the load runs; stores and harness are not in it. */
function ownServices(run: SuiteRun): readonly string[] {
  return run.spec.services.filter(({ kind }) => kind === 'http').map(({ name }) => name);
}

function resourceSeries(samples: readonly ResourceSample[], runStartedAtMs: number): readonly RecordSeries[] {
  const shown = { suite: 'benchmark', runStartedAtMs };
  return [
    sampleSeries(samples, {
      ...shown,
      id: 'benchmark.target.cpu',
      label: 'target: cores in use',
      unit: 'cores',
      value: ({ cores }) => cores,
    }),
    sampleSeries(samples, {
      ...shown,
      id: 'benchmark.target.rss',
      label: 'target: resident memory',
      unit: 'mb',
      value: ({ memoryBytes }) => (memoryBytes === null ? null : memoryBytes / 2 ** 20),
    }),
  ];
}

const LIMIT = { limitMs: 120_000 };

function latency(id: string, q: number): void {
  check(
    id,
    async (run) => {
      const { result, window } = await steady(run);
      return {
        observation: latencyQuantile(result, q),
        harnessFault: latencyFault(run, result, { id, q }),
        window,
        witnesses: witnesses(result),
      };
    },
    LIMIT,
  );
}

check(
  'benchmark.success',
  async (run) => {
    const { result, window } = await steady(run);
    const value = result.byOutcome.ok / result.scheduled;
    const harnessFault = rateFault(run, result, { id: 'benchmark.success', value });
    return { observation: successRatio(result), harnessFault, window, witnesses: witnesses(result) };
  },
  LIMIT,
);
check(
  'benchmark.throughput',
  async (run) => {
    requireOfferedAbove(run, 'benchmark.throughput');
    const { result, window } = await steady(run);
    const harnessFault = rateFault(run, result, { id: 'benchmark.throughput', value: result.achievedPerSecond });
    return { observation: achievedRate(result), harnessFault, window, witnesses: witnesses(result) };
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
    {
      source: 'responses',
      saw: `${result.scheduled} scheduled, ${result.dropped} dropped, ${result.unfinished} unfinished; ${outcomes.join(', ')}`,
    },
    { source: 'load generator', saw: `send lateness p99 ${lateness}, event loop ${(result.elu * 100).toFixed(0)} % busy` },
  ];
}
