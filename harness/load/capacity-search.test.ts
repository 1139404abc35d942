import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapacityOptions } from './capacity-search.ts';
import { searchCapacity } from './capacity-search.ts';
import { durationOf, type LoadPlan } from './plan.ts';
import { peakRate } from './shapes.ts';
import { windowCount } from './tally.ts';
import { loadResult, quantilesAround } from './testing/load-result.ts';
import type { QueueModel } from './testing/queue-model.ts';
import { loadOn } from './testing/queue-model.ts';
import type { LoadResult } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';

/** 150 ms: what starting and ending a load costs beside its own time. */
const AROUND_MS = 150;

function search(run: (plan: LoadPlan) => LoadResult, overrides: Partial<CapacityOptions> = {}) {
  const clock = new VirtualClock();
  const plans: LoadPlan[] = [];
  const options: CapacityOptions = {
    plan: {
      id: 'demo.capacity',
      suite: 'demo',
      label: 'demo',
      arrivals: 'even',
      seed: 1,
      agents: 4,
      mix: [{ operation: 'execute', weight: 1 }],
      maxInFlight: 2000,
    },
    limitMs: 50,
    q: 0.95,
    startPerSecond: 50,
    maxPerSecond: 10_000,
    clock,
    ...overrides,
  };
  const runStep = async (plan: LoadPlan): Promise<LoadResult> => {
    plans.push(plan);
    clock.skip(durationOf(plan.shape) + AROUND_MS);
    return run(plan);
  };
  return searchCapacity(runStep, options).then((found) => ({ found, plans, tookMs: clock.nowMs() }));
}

const against = (model: QueueModel, overrides: Partial<CapacityOptions> = {}) =>
  search((plan) => loadOn(model, plan), { limitMs: 5 * model.serviceMs, ...overrides });

describe('searchCapacity', () => {
  it.each([
    { slots: 8, serviceMs: 10, capacity: 800 },
    { slots: 20, serviceMs: 50, capacity: 400 },
    { slots: 1, serviceMs: 20, capacity: 50 },
    { slots: 3, serviceMs: 7, capacity: 428.6 },
    { slots: 7, serviceMs: 130, capacity: 53.8 },
  ])('finds $capacity/s of $slots slots of $serviceMs ms within 5 % and 40 s', async ({ slots, serviceMs, capacity }) => {
    const { found, tookMs } = await against({ slots, serviceMs });
    expect(Math.abs((found.capacity?.perSecond ?? 0) / capacity - 1)).toBeLessThanOrEqual(0.05);
    expect(found.capacity?.high).toBeGreaterThanOrEqual(0.99 * capacity);
    expect(tookMs).toBeLessThanOrEqual(40_000);
    expect(found.fault).toBeNull();
  });

  it('finds it from any start, also from above', async () => {
    const starts = fc.integer({ min: 5, max: 3000 });
    await fc.assert(
      fc.asyncProperty(starts, fc.integer({ min: 1, max: 12 }), async (startPerSecond, slots) => {
        const { found } = await against({ slots, serviceMs: 25 }, { startPerSecond, budgetMs: 60_000 });
        expect(Math.abs((found.capacity?.perSecond ?? 0) / (slots * 40) - 1)).toBeLessThanOrEqual(0.07);
      }),
      { numRuns: 25 },
    );
  });

  it('comes to the floor of a target that answers nobody, with arrivals in every step', async () => {
    const dead = (plan: LoadPlan): LoadResult => loadOn({ slots: 1, serviceMs: 60_000 }, plan);
    const { found, plans } = await search(dead, { startPerSecond: 150 });
    expect(found).toMatchObject({ capacity: null, reason: 'floor', fault: null });
    const arrivals = plans.map(({ shape }) => (peakRate(shape) * durationOf(shape)) / 1000);
    expect(Math.min(...arrivals)).toBeGreaterThanOrEqual(3.99);
  });

  it('judges a latency at its very limit by how it grows, although the own delay could have turned it', async () => {
    const { found } = await against({ slots: 8, serviceMs: 25 }, { startPerSecond: 354 });
    expect(Math.abs((found.capacity?.perSecond ?? 0) / 320 - 1)).toBeLessThanOrEqual(0.05);
  });

  it('shows the knee, what is got through at 150 %, and that it comes back at 70 %', async () => {
    const { found, plans } = await against({ slots: 8, serviceMs: 10 });
    expect(found.knee?.flatMs).toBeCloseTo(10, 6);
    expect(found.knee?.perSecond).toBeLessThanOrEqual(800);
    expect(found.knee?.leavesAtPerSecond).toBeGreaterThan(800);
    expect(found.overload?.isBeyondCapacity).toBe(true);
    // A queue without an end answers everybody, and hardly anybody in time.
    expect(found.overload?.goodputShare).toBeLessThan(0.2);
    expect(found.recovery?.recoveredMs).toBeGreaterThan(0);
    expect(found.recovery?.recoveredMs).toBeLessThan(found.recovery?.observedMs ?? 0);
    expect(plans.at(-1)?.shape).toMatchObject({ kind: 'steps' });
  });

  it('tries a step again that the generator was at fault for, and does not count it', async () => {
    let asked = 0;
    const { found } = await search((plan) => {
      asked += 1;
      const result = loadOn({ slots: 8, serviceMs: 10 }, plan);
      return asked % 4 === 2 ? { ...result, latenessMs: quantilesAround(40) } : result;
    });
    expect(found.steps.filter(({ verdict }) => verdict === 'unknown').length).toBeGreaterThan(1);
    expect(Math.abs((found.capacity?.perSecond ?? 0) / 800 - 1)).toBeLessThanOrEqual(0.05);
  });

  it('gives no answer when the generator is at fault every time, and says why', async () => {
    const { found, plans } = await search(() => loadResult({ elu: 0.95 }));
    expect(plans).toHaveLength(5);
    expect(found).toMatchObject({ capacity: null, reason: 'generator', overload: null });
    expect(found.fault).toContain('The generator was starved');
  });

  it('keeps the capacity and leaves out the overload when the generator was starved only there', async () => {
    const { found } = await search((plan) => {
      const result = loadOn({ slots: 8, serviceMs: 10 }, plan);
      return plan.shape.kind === 'steps' ? { ...result, elu: 0.9 } : result;
    });
    expect(found).toMatchObject({ fault: null, overload: null, recovery: null });
    expect(found.capacity?.perSecond).toBeGreaterThan(700);
    expect(found.overloadFault).toContain('The generator was starved');
  });

  it('knows what was proven before the generator could not go on, and that it is enough', async () => {
    const starved = (plan: LoadPlan): LoadResult => {
      const result = loadOn({ slots: 80, serviceMs: 10 }, plan);
      return peakRate(plan.shape) > 900 ? { ...result, elu: 0.95 } : result;
    };
    const { found } = await search(starved, { neededPerSecond: 100 });
    expect(found).toMatchObject({ reason: 'generator', capacity: { low: 800, high: null }, overloadFault: null });
    expect(found.fault).toContain('The generator was starved');
    expect(found.overload).toMatchObject({ perSecond: 800, isBeyondCapacity: false });
    expect(found.overload?.goodputShare).toBeCloseTo(1.5, 1);
    expect(found.recovery?.recoveredMs).toBe(0);
    const unproven = await search(starved, { neededPerSecond: 700 });
    expect(unproven.found).toMatchObject({ overload: null, recovery: null });
  });

  it('watches the recovery as long as it is told to, in windows that do not straddle overload and recovery', async () => {
    for (const watchMs of [7_000, 10_000, 15_500, 30_000]) {
      const { found, plans } = await against({ slots: 8, serviceMs: 10 }, { watchMs, budgetMs: 90_000 });
      expect(found.recovery?.observedMs).toBeGreaterThanOrEqual(watchMs - 1);
      const { shape } = plans.at(-1) ?? {};
      const durationMs = shape === undefined ? 0 : durationOf(shape);
      const perStretch = shape?.kind === 'steps' ? (shape.holdMs * windowCount(durationMs)) / durationMs : 0;
      expect(perStretch).toBeCloseTo(Math.round(perStretch), 9);
      expect(perStretch).toBeGreaterThan(0);
    }
  });

  it('stops at an abort', async () => {
    const { found, plans } = await search(() => loadResult({ aborted: true }));
    expect(plans).toHaveLength(1);
    expect(found).toMatchObject({ capacity: null, fault: 'The load was aborted.' });
  });

  it('does not believe one short step that failed by accident', async () => {
    let asked = 0;
    const { found } = await search((plan) => {
      asked += 1;
      const slow = asked === 3 ? { slots: 2, serviceMs: 10.2 } : { slots: 8, serviceMs: 10 };
      return loadOn(slow, plan);
    });
    expect(found.steps[2]).toMatchObject({ verdict: 'beyond', figures: { perSecond: 200 } });
    expect(found.capacity?.perSecond).toBeGreaterThan(700);
  });

  it('says what it knows when the highest rate asked for is sustained', async () => {
    const { found } = await against({ slots: 8, serviceMs: 10 }, { maxPerSecond: 300 });
    expect(found).toMatchObject({ capacity: { perSecond: 300, low: 300, high: null }, reason: 'ceiling', overload: null, knee: null });
  });

  it('finds nothing in a target that never keeps the limit', async () => {
    const { found } = await search((plan) => loadOn({ slots: 8, serviceMs: 100 }, plan));
    expect(found).toMatchObject({ capacity: null, knee: null, overload: null, fault: null });
  });
});
