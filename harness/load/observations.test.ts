import { describe, expect, it } from 'vitest';
import { achievedRate, distribution, latencyQuantile, meanLatency, series, successRatio } from './observations.ts';
import { runLoad } from './open-loop.ts';
import { constantRate } from './pacer.ts';
import type { LoadResult } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';

const OUTCOMES_IN_TURN = ['shed', 'ok', 'rejected'] as const;

/** 100 arrivals in 20 windows; every tenth is refused; all take 5 ms but the last, which takes 50. */
async function sample(): Promise<LoadResult> {
  const clock = new VirtualClock();
  await clock.advanceTo(1000);
  const running = runLoad({
    clock,
    schedule: constantRate({ perSecond: 50, durationMs: 2000 }),
    warmupMs: 0,
    maxInFlight: 10,
    timeoutMs: 1000,
    drainMs: 1000,
    action: ({ index }) =>
      new Promise((resolve) => {
        clock.at(clock.nowMs() + (index === 99 ? 50 : 5), () => resolve({ outcome: index % 10 === 0 ? 'shed' : 'ok' }));
      }),
  });
  await clock.advanceTo(5000);
  return running;
}

describe('observations of a load', () => {
  it('counts successes of all that was scheduled, per window', async () => {
    const observation = successRatio(await sample());
    expect(observation).toMatchObject({ kind: 'ratio', successes: 90, trials: 100 });
    if (observation.kind !== 'ratio') return;
    expect(observation.windows).toHaveLength(20);
    expect(observation.windows?.[0]).toEqual({ successes: 4, trials: 5 });
    expect(observation.windows?.[1]).toEqual({ successes: 5, trials: 5 });
  });

  it('counts as late what was given up or turned away, and not what was refused or right after a long wait', async () => {
    const clock = new VirtualClock();
    let sent = 0;
    const running = runLoad({
      clock,
      schedule: constantRate({ perSecond: 10, durationMs: 2000 }),
      warmupMs: 0,
      maxInFlight: 1,
      timeoutMs: 500,
      drainMs: 1000,
      action: ({ index }) =>
        new Promise((resolve) => {
          const outcome = OUTCOMES_IN_TURN[sent % 3] ?? 'ok';
          sent += 1;
          clock.at(clock.nowMs() + (index === 0 ? 9000 : 300), () => resolve({ outcome }));
        }),
    });
    await clock.advanceTo(20_000);
    const result = await running;
    const observation = successRatio(result);
    const answeredLate = result.windows.flatMap(({ latenciesMs }) => latenciesMs).filter((ms) => ms > 500).length;
    expect(answeredLate).toBeGreaterThan(0);
    expect(result.byOutcome).toMatchObject({ unknown: 1 });
    expect(Math.min(result.byOutcome.shed, result.byOutcome.rejected)).toBeGreaterThan(0);
    expect(observation).toMatchObject({ trials: 20, late: 1 + result.dropped + result.byOutcome.shed });
  });

  it('gives the latencies per window, the mean over all, and the rate per window', async () => {
    const result = await sample();
    expect(latencyQuantile(result, 0.95)).toMatchObject({ kind: 'quantile', q: 0.95, unit: 'ms' });
    expect(meanLatency(result)).toMatchObject({ kind: 'mean', unit: 'ms' });
    const mean = meanLatency(result);
    expect(mean.kind === 'mean' ? mean.samples.length : 0).toBe(100);
    const rate = achievedRate(result);
    // The refused are no throughput; the last answer came after the end.
    expect(rate.kind === 'rate' ? rate.windows.map(Math.round) : []).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 || index === 19 ? 40 : 50)),
    );
  });

  it('draws the distribution with its tail and marks', async () => {
    const marks = [{ q: 0.95, limitMs: 250, criterion: 'benchmark.latency_p95' }];
    const drawn = distribution(await sample(), { id: 'benchmark.load', suite: 'benchmark', label: 'execute' }, marks);
    expect(drawn).toMatchObject({ id: 'benchmark.load', count: 100, marks });
    const values = drawn.quantiles.map(([, ms]) => Math.round(ms));
    expect(values.at(-1)).toBe(50);
    expect(values[50]).toBe(5);
    expect(drawn.quantiles.map(([q]) => q)).toEqual(drawn.quantiles.map(([q]) => q).toSorted((a, b) => a - b));
  });

  it('puts the series on the clock of the run', async () => {
    const lines = series(await sample(), { id: 'benchmark.load', suite: 'benchmark', label: 'execute' }, 400);
    expect(lines.map((line) => line.id)).toEqual([
      'benchmark.load.rate',
      'benchmark.load.failures',
      'benchmark.load.p50',
      'benchmark.load.p95',
    ]);
    // The load began at 1000 on the clock, 600 after the run; its first window ends 100 later.
    expect(lines[1]?.points[0]?.map(Math.round)).toEqual([700, 1]);
    expect(lines[3]?.points.at(-1)?.map(Math.round)).toEqual([2600, 50]);
  });
});
