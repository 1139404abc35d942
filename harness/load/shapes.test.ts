import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import type { LoadPlan, Shape } from './plan.ts';
import { durationOf, WHOLE } from './plan.ts';
import { peakRate, scheduleOf } from './shapes.ts';

const PLAN: LoadPlan = {
  id: 'demo.load',
  suite: 'demo',
  label: 'demo',
  shape: { kind: 'constant', perSecond: 100, durationMs: 1000 },
  arrivals: 'even',
  seed: 7,
  agents: 3,
  mix: [{ operation: 'execute', weight: 1 }],
  warmupMs: 0,
  maxInFlight: 10,
  timeoutMs: 1000,
  drainMs: 1000,
};

const rate = fc.double({ min: 0, max: 400, noNaN: true });
const positive = fc.double({ min: 0.5, max: 400, noNaN: true });
const length = fc.integer({ min: 50, max: 4000 });
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), perSecond: positive, durationMs: length }),
  fc.record({ kind: fc.constant('ramp' as const), fromPerSecond: rate, toPerSecond: positive, durationMs: length }),
  fc.record({ kind: fc.constant('ramp' as const), fromPerSecond: positive, toPerSecond: rate, durationMs: length }),
  fc.record({ kind: fc.constant('steps' as const), perSecond: fc.array(positive, { minLength: 1, maxLength: 5 }), holdMs: length }),
  fc
    .record({
      kind: fc.constant('burst' as const),
      perSecond: rate,
      burstPerSecond: positive,
      everyMs: length,
      burstMs: length,
      durationMs: length,
    })
    .map((burst) => ({ ...burst, burstMs: Math.min(burst.burstMs, burst.everyMs), durationMs: burst.durationMs + burst.everyMs })),
);
const plan: fc.Arbitrary<LoadPlan> = fc
  .record({
    shape,
    arrivals: fc.constantFrom('even' as const, 'poisson' as const),
    seed: fc.nat(),
    agents: fc.integer({ min: 1, max: 7 }),
    mix: fc.array(fc.record({ operation: fc.constant('execute'), weight: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 4 }),
  })
  .map((parts) => ({ ...PLAN, ...parts }));

/** What arrives: when, of which entry, for which agent. */
function arrivalsOf(of: LoadPlan, workers: number): (readonly [k: number, dueMs: number, entry: number, agent: number])[] {
  return Array.from({ length: workers }, (_, index) => scheduleOf(of, { index, of: workers }))
    .flatMap((schedule) =>
      Array.from({ length: schedule.count }, (_, index) => {
        const k = schedule.globalIndex(index);
        return [k, schedule.dueAt(index), schedule.entryOf(index), k % of.agents] as const;
      }),
    )
    .toSorted(([a], [b]) => a - b);
}

function duesOf(of: LoadPlan): number[] {
  return arrivalsOf(of, 1).map(([, dueMs]) => dueMs);
}

/** Integral of the rate from 0 to `ms`, by small steps: nothing of the code under test. */
function expectedArrivals(of: Shape, ms: number): number {
  const STEPS = 20_000;
  let total = 0;
  for (let step = 0; step < STEPS; step += 1) total += rateAt(of, ((step + 0.5) / STEPS) * ms) * (ms / STEPS / 1000);
  return total;
}

function rateAt(of: Shape, ms: number): number {
  switch (of.kind) {
    case 'constant':
      return of.perSecond;
    case 'ramp':
      return of.fromPerSecond + ((of.toPerSecond - of.fromPerSecond) * ms) / of.durationMs;
    case 'steps':
      return of.perSecond[Math.min(of.perSecond.length - 1, Math.floor(ms / of.holdMs))] ?? 0;
    default:
      return ms % of.everyMs < of.everyMs - of.burstMs ? of.perSecond : of.burstPerSecond;
  }
}

describe('scheduleOf', () => {
  it('gives the same arrivals, entries and agents for any number of workers, each arrival to one of them', () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 1, max: 6 }), (given, workers) => {
        expect(arrivalsOf(given, workers)).toEqual(arrivalsOf(given, 1));
      }),
      { numRuns: 60 },
    );
  });

  it('never goes back in time, stays in its duration, and counts its arrivals', () => {
    fc.assert(
      fc.property(plan, (given) => {
        const dues = duesOf(given);
        expect(dues.every((due, index) => due >= (dues[index - 1] ?? 0) && due <= durationOf(given.shape))).toBe(true);
        expect(dues).toHaveLength(scheduleOf(given, WHOLE).count);
      }),
      { numRuns: 60 },
    );
  });

  it('has issued as many even arrivals at any moment as the rate until then comes to', () => {
    fc.assert(
      fc.property(plan, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const untilMs = share * durationOf(given.shape);
        const issued = duesOf({ ...given, arrivals: 'even' }).filter((due) => due < untilMs).length;
        // One: the arrival at 0. The rest: the steps of the sum that it is compared with.
        expect(Math.abs(issued - expectedArrivals(given.shape, untilMs))).toBeLessThanOrEqual(1.2);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { title: 'ramp', shape: { kind: 'ramp', fromPerSecond: 0, toPerSecond: 2000, durationMs: 20_000 } as const },
    {
      title: 'burst',
      shape: { kind: 'burst', perSecond: 100, burstPerSecond: 3000, everyMs: 4000, burstMs: 1000, durationMs: 20_000 } as const,
    },
    { title: 'steps', shape: { kind: 'steps', perSecond: [2000, 0, 500, 1000], holdMs: 5000 } as const },
  ])('has the rate of each stretch also with Poisson arrivals: $title', ({ shape: given }) => {
    const dues = duesOf({ ...PLAN, shape: given, arrivals: 'poisson' });
    for (let fromMs = 0; fromMs < 20_000; fromMs += 1000) {
      const expected = expectedArrivals(given, fromMs + 1000) - expectedArrivals(given, fromMs);
      const found = dues.filter((due) => due >= fromMs && due < fromMs + 1000).length;
      // Five standard deviations of a Poisson count, and one arrival for the sum's own steps.
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(5 * Math.sqrt(Math.abs(expected)) + 1);
    }
  });

  it('has gaps that deviate as those of independent arrivals', () => {
    const dues = duesOf({ ...PLAN, shape: { kind: 'constant', perSecond: 1000, durationMs: 20_000 }, arrivals: 'poisson' });
    const gaps = dues.slice(1).map((due, index) => due - (dues[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });

  it('answers for any arrival in any order, whatever block it is in', () => {
    const given = {
      ...PLAN,
      shape: { kind: 'ramp', fromPerSecond: 10, toPerSecond: 2000, durationMs: 6000 },
      arrivals: 'poisson',
    } as const;
    const dues = duesOf(given);
    const schedule = scheduleOf(given, WHOLE);
    expect(dues.length).toBeGreaterThan(5000);
    for (const index of [dues.length - 1, 0, 4097, 1023, 1024, 5000, 12]) expect(schedule.dueAt(index)).toBe(dues[index]);
  });

  it('keeps nothing per arrival: the longest schedule is made at once', () => {
    const schedule = scheduleOf({ ...PLAN, shape: { kind: 'constant', perSecond: 10_000, durationMs: 10_000_000 } }, { index: 3, of: 4 });
    expect(schedule.count).toBe(25_000_000);
    expect(schedule.dueAt(24_999_999)).toBeCloseTo(9_999_999.9, 6);
  });

  it('pauses where the rate is 0 and goes on at the end of the pause', () => {
    const pausing = { kind: 'burst', perSecond: 0, burstPerSecond: 100, everyMs: 1000, burstMs: 30, durationMs: 2500 } as const;
    expect(duesOf({ ...PLAN, shape: pausing }).map((due) => Math.round(due))).toEqual([970, 980, 990, 1970, 1980, 1990]);
  });

  it('says everything that is wrong with a plan at once', () => {
    const broken: LoadPlan = {
      ...PLAN,
      shape: { kind: 'burst', perSecond: -1, burstPerSecond: 0, everyMs: 100, burstMs: 200, durationMs: Number.NaN },
      agents: 0,
      mix: [{ operation: 'execute', weight: 0 }],
      warmupMs: -1,
      timeoutMs: 0,
    };
    const expected = [
      'perSecond is -1',
      'burstPerSecond is 0',
      'durationMs is NaN',
      'burstMs is 200, expected at most everyMs (100)',
      'agents is 0',
      'mix[0].weight (execute) is 0',
      'warmupMs is -1',
      'timeoutMs is 0',
      'shard 2 of 2',
    ];
    const error = thrownBy(() => scheduleOf(broken, { index: 2, of: 2 }));
    expect(expected.filter((text) => !error.message.includes(text))).toEqual([]);
    expect(error.code).toBe('MUSTER_LOAD_PLAN');
  });

  it.each([
    {
      title: 'no rate at all',
      shape: { kind: 'ramp', fromPerSecond: 0, toPerSecond: 0, durationMs: 10 } as const,
      text: 'all rates are 0',
    },
    { title: 'no steps', shape: { kind: 'steps', perSecond: [], holdMs: 10 } as const, text: 'perSecond has no rates' },
    { title: 'too many arrivals', shape: { kind: 'constant', perSecond: 1e6, durationMs: 1e6 } as const, text: 'at most 100000000' },
    {
      title: 'too many bursts',
      shape: { kind: 'burst', perSecond: 1, burstPerSecond: 2, everyMs: 1, burstMs: 1, durationMs: 1e6 } as const,
      text: 'at most 50000 are possible',
    },
  ])('refuses $title', ({ shape: given, text }) => {
    expect(thrownBy(() => scheduleOf({ ...PLAN, shape: given }, WHOLE)).message).toContain(text);
  });
});

describe('the mix', () => {
  const mixed: LoadPlan = {
    ...PLAN,
    shape: { kind: 'constant', perSecond: 1000, durationMs: 1000 },
    mix: [0.7, 0.2, 0.1].map((weight) => ({ operation: 'execute', weight })),
  };

  it('gives every cycle exactly the shares of the weights', () => {
    const entries = arrivalsOf(mixed, 1).map(([, , entry]) => entry);
    for (let at = 0; at < 1000; at += 10)
      expect(entries.slice(at, at + 10).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
  });

  it('deals every entry to every agent, also where the number of agents divides the cycle', () => {
    const seen = new Set(arrivalsOf({ ...mixed, agents: 5 }, 1).map(([, , entry, agent]) => `${agent} ${entry}`));
    expect(seen.size).toBe(15);
  });

  it('is another for another seed', () => {
    const entries = (seed: number) => arrivalsOf({ ...mixed, seed }, 1).map(([, , entry]) => entry);
    expect(entries(1)).not.toEqual(entries(2));
  });

  it('rounds shares that no short cycle holds, and forgets no entry', () => {
    const odd = { ...mixed, mix: [Math.PI, 1e-9].map((weight) => ({ operation: 'execute', weight })) };
    const schedule = scheduleOf({ ...odd, shape: { kind: 'constant', perSecond: 10_001, durationMs: 1000 } }, WHOLE);
    const rare = Array.from({ length: schedule.count }, (_, index) => schedule.entryOf(index)).filter((entry) => entry === 1);
    expect(rare).toHaveLength(1);
  });
});

describe('peakRate', () => {
  it('is the highest rate of the shape', () => {
    expect(peakRate({ kind: 'burst', perSecond: 50, burstPerSecond: 400, everyMs: 100, burstMs: 20, durationMs: 1000 })).toBeCloseTo(
      400,
      9,
    );
  });
});

function thrownBy(act: () => unknown): MusterError {
  try {
    act();
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
