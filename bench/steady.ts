import { generatorFault, latencyAt, constantRate, runLoad, type LoadResult } from '../harness/load/index.ts';
import type { RunningService } from '../harness/model/environment.ts';
import { withReferenceStack } from './reference-stack.ts';
import type { Bench, Figure } from './result.ts';
import { figure } from './result.ts';
import { openMix } from './steady-mix.ts';
import { growthFigure, point, watchStack } from './steady-watch.ts';

const PER_SECOND = 150;
const MINUTES = Number(process.env['MUSTER_BENCH_MINUTES'] ?? 5);
/** Left out of the slopes: pools open, caches fill, code is compiled. */
const WARMUP_MS = 60_000;

/** The reference services under their mix for minutes: errors, latency, and whether anything grows. */
export const steady: Bench = {
  name: 'steady',
  title: `Reference services at ${PER_SECOND}/s for ${MINUTES} minutes after a warm-up of one`,
  run: () => withReferenceStack(measure),
};

async function measure(services: ReadonlyMap<string, RunningService>): Promise<Figure[]> {
  const gateway = services.get('gateway');
  if (gateway === undefined) return [figure('errors', null, '', 'the target has no gateway')];
  await using watch = watchStack(services, gateway);
  const mix = await openMix(gateway.url);
  try {
    const result = await runLoad({
      schedule: constantRate({ perSecond: PER_SECOND, durationMs: WARMUP_MS + MINUTES * 60_000 }),
      action: mix.action,
      warmupMs: WARMUP_MS,
      maxInFlight: 200,
      timeoutMs: 5000,
      drainMs: 5000,
    });
    const latencies = result.windows.flatMap(({ startMs, latenciesMs }) => point(startMs, p95(latenciesMs)));
    return [
      ...loadFigures(result, mix.wrong),
      growthFigure('latency p95', 'ms', latencies),
      ...(await watch.figures(result.startedAtMs + WARMUP_MS)),
    ];
  } finally {
    await mix.close();
  }
}

function loadFigures(result: LoadResult, wrong: ReadonlyMap<string, number>): Figure[] {
  const trials = result.windows.reduce((sum, window) => sum + window.trials, 0);
  const successes = result.windows.reduce((sum, window) => sum + window.successes, 0);
  const what = [...wrong].map(([key, count]) => `${count} × ${key}`).join(', ');
  return [
    figure('errors', trials - successes, '', `of ${trials}${what === '' ? '' : `; warm-up included: ${what}`}`),
    ...[0.5, 0.95, 0.99].map((q) => figure(`latency p${q * 100}`, latencyAt(result, q), 'ms', generatorFault(result) ?? '')),
  ];
}

function p95(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? null;
}
