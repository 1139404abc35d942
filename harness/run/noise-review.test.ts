import { describe, expect, it } from 'vitest';
import { evaluate } from '../decision/index.ts';
import type { Criterion } from '../model/criterion.ts';
import type { Measurement, Observation } from '../model/measurement.ts';
import type { DiskStall } from '../metrics/index.ts';
import { parseThreshold } from '../model/threshold.ts';
import { review } from './noise-review.ts';
import type { NoiseWindow } from './noise-windows.ts';
import { criterionFixture } from './testing.ts';

/** Windows of one second; the load begins two seconds into the run, which began at 100 s of the clock. */
const RUN_MS = 100_000;
const LOAD_MS = RUN_MS + 2000;
const SECONDS = 20;

const bound = (text: string) => {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.threshold;
};

const timed = (kind: Observation['kind'], pass: string, nogo: string): Criterion => ({
  ...criterionFixture('benchmark.a.b'),
  kind,
  unit: bound(pass).unit,
  pass: bound(pass),
  nogo: bound(nogo),
  minSamples: 1,
});

const P50 = timed('quantile', '< 100ms', '>= 200ms');
const RATE = timed('rate', '>= 100rps', '< 90rps');
const LEVEL = timed('level', '<= 5s', '> 5s');

const times = Array.from({ length: SECONDS }, (_, second) => [LOAD_MS + second * 1000, LOAD_MS + (second + 1) * 1000] as const);

const measured = (observation: Observation): Measurement => ({
  criterion: 'benchmark.a.b',
  observation,
  evidence: 'measured',
  witnesses: [],
  window: { startMs: 2000, endMs: 2000 + SECONDS * 1000 },
  harnessFault: null,
});

/** Latency of every second of the load. */
const latencies = (ms: (second: number) => number): Measurement =>
  measured({
    kind: 'quantile',
    q: 0.5,
    unit: 'ms',
    windows: times.map((_, second) => Array.from({ length: 20 }, (__, index) => ms(second) + index / 10)),
    windowTimes: times,
  });

/** Who had the machine in every second of the load. */
const noise = (foreignCores: (second: number) => number | null, tightShare = 1): NoiseWindow[] =>
  times.map(([startMs, endMs], second) => ({ startMs, endMs, cores: 2, foreignCores: foreignCores(second), tightShare }));

const CROWD = 1.4;
const inFirst = (count: number) => noise((second) => (second < count ? CROWD : 0.05));

const reviewed = (measurement: Measurement, criterion: Criterion, windows: readonly NoiseWindow[]) =>
  review(measurement, criterion, { noise: windows, stalls: [], runStartedAtMs: RUN_MS });
const stateOf = (measurement: Measurement, criterion: Criterion) => evaluate(criterion, { measurement }).state;

describe('review', () => {
  it('finds the harness at fault when the limit is kept as long as others leave the machine alone, with figures', () => {
    const measurement = reviewed(
      latencies((second) => (second < 12 ? 900 : 60)),
      P50,
      inFirst(12),
    );
    expect(measurement.harnessFault).toBe(
      'other processes used 1.4 of 2 cores for 12.0 of 20.0 s and nothing was idle; without that time and what piled up in it the result is 61 ms.',
    );
    expect(stateOf(measurement, P50)).toBe('ERROR');
  });

  it('lets a latency stand that is beyond its limit without the noise, too', () => {
    const slow = latencies(() => 400);
    expect(reviewed(slow, P50, inFirst(12))).toBe(slow);
  });

  it('finds the harness at fault when too little is left', () => {
    const { harnessFault } = reviewed(
      latencies(() => 400),
      P50,
      inFirst(19),
    );
    expect(harnessFault).toContain('too little else is left to judge by');
  });

  it('leaves out what was due before the noise and answered in it, and what the noise left behind', () => {
    const spill = latencies((second) => (second === 9 ? 1500 : second > 9 && second < 14 ? 900 : 60));
    const { harnessFault } = reviewed(
      { ...spill, observation: { ...spill.observation, q: 0.95 } as Observation },
      P50,
      noise((second) => (second === 10 || second === 11 ? CROWD : 0)),
    );
    expect(harnessFault).toContain('the result is 62 ms');
  });

  it('works for rates', () => {
    const rates = (slow: number): Measurement =>
      measured({ kind: 'rate', unit: 'rps', windows: times.map((_, second) => (second < 10 ? slow : 120)), windowTimes: times });
    expect(stateOf(rates(20), RATE)).not.toBe('MET');
    expect(reviewed(rates(20), RATE, inFirst(10)).harnessFault).toContain('the result is 120 rps');
  });

  it('counts the time that was lost where it is not known what was measured when', () => {
    const took = (ms: number): Measurement => measured({ kind: 'level', unit: 'ms', samples: [ms], worst: 'max' });
    // 70 % of three seconds; of a shorter one no more than 70 % of itself.
    expect(reviewed(took(7000), LEVEL, inFirst(3)).harnessFault).toContain('with those cores the result may have been 4900 ms');
    expect(reviewed(took(5500), LEVEL, inFirst(20)).harnessFault).toContain('with those cores the result may have been 1650 ms');
    const slow = took(8000);
    expect(reviewed(slow, LEVEL, inFirst(3))).toBe(slow);
    expect(
      reviewed(
        slow,
        LEVEL,
        noise((second) => (second === 0 ? 2 : 0)),
      ),
    ).toBe(slow);
  });

  it('counts only what was lost in the time of the measurement', () => {
    const slow: Measurement = {
      ...measured({ kind: 'level', unit: 'ms', samples: [6000], worst: 'max' }),
      window: { startMs: 2500, endMs: 9000 },
    };
    expect(reviewed(slow, LEVEL, inFirst(1))).toBe(slow);
    expect(reviewed(slow, LEVEL, inFirst(2)).harnessFault).toContain('4950 ms');
  });

  it.each<[string, Observation, Criterion]>([
    ['a mean', { kind: 'mean', unit: 'ms', samples: Array.from({ length: 50 }, () => 7000) }, { ...LEVEL, kind: 'mean' }],
    ['a rate', { kind: 'rate', unit: 'rps', windows: Array.from({ length: 20 }, () => 70) }, RATE],
  ])('scales %s by the share of all its time', (_, observation, criterion) => {
    const measurement = measured(observation);
    expect(reviewed(measurement, criterion, inFirst(3))).toBe(measurement);
    expect(reviewed(measurement, criterion, inFirst(10)).harnessFault).toContain('with those cores');
  });

  it.each([
    ['what the target uses itself', noise(() => 0.1)],
    ['what others use while there is enough for all', noise(() => CROWD, 0)],
    ['what is not known', noise(() => null)],
    [
      'what happens at another time',
      inFirst(20).map((window) => ({ ...window, startMs: window.startMs + 60_000, endMs: window.endMs + 60_000 })),
    ],
  ])('does not excuse by %s', (_, windows) => {
    const slow = latencies(() => 400);
    expect(reviewed(slow, P50, windows)).toBe(slow);
  });

  it('takes time-outs for a matter of time, and other failures for what they are', () => {
    const share = { ...timed('rate', '>= 95%', '< 90%'), kind: 'ratio' as const, unit: '%' as const };
    const failing = (inNoise: number, late: number): Measurement => {
      const windows = times.map((_, second) => ({ trials: 100, successes: second < 10 ? 100 - inNoise : 99 }));
      return measured({ kind: 'ratio', trials: 2000, successes: 1990 - 10 * inNoise, windows, windowTimes: times, late });
    };
    expect(reviewed(failing(60, 600), share, inFirst(10)).harnessFault).toContain('the result is 99.0 %');
    const broken = failing(60, 5);
    expect(reviewed(broken, share, inFirst(10))).toBe(broken);
    expect(reviewed(failing(60, 600), share, inFirst(20)).harnessFault).toContain('too little else is left');
  });

  it('never makes anything better, and never touches what is not about time', () => {
    const random = generator(7);
    const badness = ['MET', 'INSUFFICIENT', 'INCONCLUSIVE', 'MARGINAL', 'VIOLATED'];
    for (let round = 0; round < 60; round += 1) {
      const measurement = latencies(() => 40 + random() * 300);
      const windows = noise(() => (random() < 0.1 ? null : random() * 2), random());
      const [before, after] = [stateOf(measurement, P50), stateOf(reviewed(measurement, P50, windows), P50)];
      expect(after === before || (after === 'ERROR' && badness.indexOf(before) >= 2)).toBe(true);
      const count = measured({ kind: 'count', trials: 100, count: 3, examples: [] });
      expect(reviewed(count, { ...criterionFixture('benchmark.a.b'), kind: 'count', unit: 'count' }, windows)).toBe(count);
    }
  });

  it('does not call a share red that was made of times while others had the machine', () => {
    const spread = timed('level', '< 25%', '>= 50%');
    const measurement = measured({ kind: 'level', unit: '%', worst: 'max', samples: [1.9], ofTimes: true });
    const seen = (windows: readonly NoiseWindow[]) =>
      review(measurement, spread, { noise: windows, stalls: [], runStartedAtMs: RUN_MS }).harnessFault;
    expect(seen(inFirst(0))).toBeNull();
    expect(seen(inFirst(5))).toContain('how much of it is their doing cannot be told');
    const other = measured({ kind: 'level', unit: '%', worst: 'max', samples: [1.9] });
    expect(review(other, spread, { noise: inFirst(5), stalls: [], runStartedAtMs: RUN_MS }).harnessFault).toBeNull();
  });

  it('looks again without the times in which the disk stood still, and says for how long it did', () => {
    const standing = (...seconds: readonly number[]) =>
      seconds.map((second) => ({ startMs: LOAD_MS + second * 1000, endMs: LOAD_MS + second * 1000 + 746 }));
    const seen = (measurement: Measurement, stalls: readonly DiskStall[], criterion = P50) =>
      review(measurement, criterion, { noise: [], stalls, runStartedAtMs: RUN_MS }).harnessFault;
    const stalled = latencies((second) => (second >= 3 && second < 14 ? 900 : 60));
    expect(seen(stalled, standing(3, 6, 9, 12))).toMatch(
      /^the disk of this machine stood still with little to write \(4 times, the longest for 746 ms\); .* result is 61 ms\.$/u,
    );
    expect(
      seen(
        latencies(() => 900),
        standing(3),
      ),
    ).toBeNull();
    expect(seen(stalled, standing(60))).toBeNull();
    const level = measured({ kind: 'level', unit: 'ms', worst: 'max', samples: [5400] });
    expect(seen(level, standing(4), LEVEL)).toContain('(once for 746 ms); with those cores the result may have been');
    const both = review(stalled, P50, { noise: inFirst(5), stalls: standing(6, 9, 12), runStartedAtMs: RUN_MS }).harnessFault;
    expect(both).toMatch(/^other processes used 1\.4 of 2 cores for 5\.0 of 20\.0 s and nothing was idle, and the disk of this machine/u);
  });
});

/** Deterministic numbers in 0…1 (Park & Miller 1988). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
