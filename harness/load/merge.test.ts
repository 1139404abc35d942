import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../model/outcome.ts';
import { mergeReports } from './merge.ts';
import type { Operation } from './operation.ts';
import type { LoadPlan, Shard } from './plan.ts';
import { WHOLE } from './plan.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import { seededRandom } from './random.ts';
import type { ShardReport } from './shard-report.ts';
import { runShard } from './shard.ts';
import { Tally } from './tally.ts';
import type { LoadResult, ShardFate } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';
import { sortedLatencies } from './windows.ts';

const PLAN: LoadPlan = {
  id: 'test',
  suite: 'test',
  label: 'test',
  shape: { kind: 'ramp', fromPerSecond: 20, toPerSecond: 80, durationMs: 2000 },
  arrivals: 'poisson',
  seed: 1,
  agents: 3,
  mix: [
    { operation: 'one', weight: 2 },
    { operation: 'two', weight: 1 },
  ],
  warmupMs: 300,
  maxInFlight: 10_000,
  timeoutMs: 400,
  drainMs: 200,
};

/** What the n-th arrival of the whole schedule meets does not depend on who sends it. */
function operation(name: string, clock: VirtualClock): Operation {
  return {
    name,
    start(call) {
      const { index } = call.arrival;
      const outcome: Outcome = index % 11 === 0 ? 'shed' : 'ok';
      // Every 13th never answers.
      if (index % 13 !== 0) clock.at(clock.nowMs() + 1 + ((index * 37) % 150), () => call.end(outcome, index));
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function run(plan: LoadPlan, shard: Shard): Promise<ShardReport> {
  const clock = new VirtualClock();
  const running = runShard({ plan, shard, clock, operations: plan.mix.map((entry) => operation(entry.operation, clock)) });
  await clock.advanceTo(10_000);
  const report = await running;
  return JSON.parse(JSON.stringify(report)) as ShardReport;
}

function fates(of: number, lost: readonly number[] = []): ShardFate[] {
  return Array.from({ length: of }, (_, index) => ({
    index,
    of,
    worker: `w${index}`,
    lost: lost.includes(index) ? 'killed' : null,
    startErrorMs: 0,
  }));
}

/** Without what tells the processes apart: their own cost, their peaks, and the order of samples within a window. */
function comparable(result: LoadResult): unknown {
  const { elu: _, cpuMs: __, selfCheck: ___, peakInFlight: ____, shards: _____, windows, operations, ...rest } = result;
  const sorted = (all: LoadResult['windows']) => all.map((window) => ({ ...window, latenciesMs: [...sortedCopy(window.latenciesMs)] }));
  return { ...rest, windows: sorted(windows), operations: operations.map((one) => ({ ...one, windows: sorted(one.windows) })) };
}

describe('mergeReports', () => {
  it('gives what one process would have given, into however many shards the schedule was split', async () => {
    const plans = fc.record({
      of: fc.integer({ min: 2, max: 7 }),
      seed: fc.integer({ min: 1, max: 1000 }),
      arrivals: fc.constantFrom('even' as const, 'poisson' as const),
      warmupMs: fc.constantFrom(0, 300),
    });
    await fc.assert(
      fc.asyncProperty(plans, async ({ of, ...plan }) => {
        const whole = await run({ ...PLAN, ...plan }, WHOLE);
        const parts = await Promise.all(Array.from({ length: of }, (_, index) => run({ ...PLAN, ...plan }, { index, of })));
        expect(comparable(mergeReports(parts, fates(of)))).toEqual(comparable(mergeReports([whole], fates(1))));
      }),
      { numRuns: 15 },
    );
  });

  it('tells operations apart that share a load', async () => {
    const { operations, scheduled, byOutcome } = mergeReports([await run(PLAN, WHOLE)], fates(1));
    expect(operations.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(operations.reduce((sum, one) => sum + one.scheduled, 0)).toBe(scheduled);
    expect(operations.reduce((sum, one) => sum + one.byOutcome.shed, 0)).toBe(byOutcome.shed);
    expect(operations.every(({ windows }) => windows.length === 20)).toBe(true);
    expect(operations[0]?.scheduled ?? 0).toBeGreaterThan(operations[1]?.scheduled ?? 0);
  });

  it('takes the worst of the workers for the generator, and the sum of what they cost', async () => {
    const report = await run({ ...PLAN, maxInFlight: 4 }, { index: 0, of: 2 });
    const other = { ...report, shard: { index: 1, of: 2 }, self: { elu: 0.9, cpuMs: 30 }, startedAtMs: 7 };
    const merged = mergeReports([{ ...report, self: { elu: 0.1, cpuMs: 20 }, startedAtMs: 9 }, other], fates(2));
    expect(merged).toMatchObject({ elu: 0.9, cpuMs: 50, startedAtMs: 7, maxInFlight: 4, requestedPerSecond: 50 });
    expect(merged.selfCheck).toMatchObject({ ok: false });
    expect(merged.peakInFlight).toBe(4);
    expect(mergeReports([report], fates(2), { startedAtMs: 1 }).startedAtMs).toBe(1);
  });

  it('keeps what came when a worker was lost', async () => {
    const report = await run(PLAN, { index: 1, of: 2 });
    const merged = mergeReports([report], fates(2, [0]));
    expect(merged.scheduled).toBe(report.counts.scheduled);
    expect(merged.requestedPerSecond).toBe(50);
    expect(merged.shards.map(({ lost }) => lost)).toEqual(['killed', null]);
  });

  it('has nothing to say, and never that all is well, when every worker was lost', () => {
    const merged = mergeReports([], fates(2, [0, 1]));
    expect(merged).toMatchObject({ scheduled: 0, windows: [], operations: [], latenessMs: null, startedAtMs: 0, aborted: false });
    expect(merged.selfCheck).toEqual({ ok: false, reasons: ['no worker handed over what it measured'] });
  });

  it('is stopped, not aborted, when whoever coordinates ended the shards because the load had failed', async () => {
    const report = { ...(await run(PLAN, WHOLE)), aborted: true };
    expect(mergeReports([report], fates(1))).toMatchObject({ aborted: true, stopped: null });
    expect(mergeReports([report], fates(1), { stopped: 'too bad' })).toMatchObject({ aborted: false, stopped: 'too bad' });
  });

  it('shows the calibration of the worker that was latest, and none when one has none', async () => {
    const report = await run(PLAN, WHOLE);
    const at = (p99: number | null) => ({
      perSecond: 100,
      durationMs: 100,
      latencyMs: p99 === null ? null : { p50: 0, p95: 0, p99, max: p99 },
      latenessMs: null,
      elu: 0,
      cpuShare: 0,
    });
    const calibrated = (before: number | null, after: number | null) => ({
      ...report,
      calibration: { before: at(before), after: at(after) },
    });
    const worst = (...reports: readonly (typeof report)[]) =>
      mergeReports(reports, fates(reports.length)).calibration?.before.latencyMs?.p99;
    // What counts is the better of the two times: a fault needs both.
    expect(worst(calibrated(90, 1), calibrated(3, 2))).toBe(3);
    expect(worst(calibrated(3, 2), calibrated(90, 1))).toBe(3);
    expect(worst(calibrated(3, 2), calibrated(null, null))).toBeUndefined();
    expect(mergeReports([calibrated(1, 2), report], fates(2)).calibration).toBeNull();
  });
});

describe('more samples than are kept', () => {
  it('merge to the quantiles of all of them within 0.1 %, however uneven the windows', () => {
    const random = seededRandom(5);
    const span = { fromMs: 0, spanMs: 1000, windows: 20, successOutcomes: ['ok' as const] };
    const shards = [0, 1].map(() => new Tally({ ...span, capacity: 0 }));
    const all = Float64Array.from({ length: 120_000 }, (_, index) => {
      // Late windows have more arrivals and are slower, as in a ramp.
      const dueMs = 999 * Math.sqrt(random());
      const ms = Math.exp(1 + dueMs / 500 + 0.8 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
      shards[index % 2]?.settle(dueMs, ms, 'ok');
      return ms;
    }).toSorted();
    const merged = new Tally({ ...span, capacity: 1_000_000 });
    // Each ten times: the same quantiles, and more than are kept.
    for (let turn = 0; turn < 10; turn += 1) for (const shard of shards) merged.absorb(shard.encode());
    const windows = merged.windows(1000);
    expect(windows.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0)).toBeLessThanOrEqual(1_000_020);
    const pooled = merged.quantiles();
    const thinned = sortedLatencies({ windows });
    for (const [q, value] of [
      [0.5, pooled?.p50],
      [0.95, pooled?.p95],
      [0.99, pooled?.p99],
    ] as const) {
      const exact = quantileOf(all, q) ?? Number.NaN;
      expect(Math.abs((value ?? 0) / exact - 1)).toBeLessThan(0.001);
      expect(Math.abs((quantileOf(thinned, q) ?? 0) / exact - 1)).toBeLessThan(0.001);
    }
  });
});
