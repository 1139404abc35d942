import { describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import { constantRate, pace, poissonRate } from './pacer.ts';

describe('constantRate', () => {
  it.each([
    { perSecond: 10, durationMs: 1000, count: 10, last: 900 },
    { perSecond: 0.5, durationMs: 6000, count: 3, last: 4000 },
    { perSecond: 3, durationMs: 1000, count: 3, last: 2000 / 3 },
    { perSecond: 100, durationMs: 5, count: 1, last: 0 },
    { perSecond: 1.1, durationMs: 30_000, count: 33, last: (32 * 1000) / 1.1 },
    { perSecond: 1, durationMs: 1500, count: 2, last: 1000 },
  ])('gives $count arrivals for $perSecond/s in $durationMs ms, the last at $last ms', ({ perSecond, durationMs, count, last }) => {
    const schedule = constantRate({ perSecond, durationMs });
    expect(schedule.count).toBe(count);
    expect(schedule.dueAt(count - 1)).toBeCloseTo(last, 9);
    expect(schedule.dueAt(count - 1)).toBeLessThan(durationMs);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a rate of %s', (perSecond) => {
    expect(() => constantRate({ perSecond, durationMs: 1000 })).toThrow(MusterError);
  });

  it('refuses more arrivals than can be counted and says how many they were', () => {
    expect(() => constantRate({ perSecond: 1e6, durationMs: 600_000 })).toThrow('600000000 arrivals in 600000 ms, at most 100000000');
  });
});

describe('poissonRate', () => {
  it('replays the same arrivals for the same seed and others for another', () => {
    const dues = (seed: number) => {
      const schedule = poissonRate({ perSecond: 200, durationMs: 5000, seed });
      return Array.from({ length: schedule.count }, (_, index) => schedule.dueAt(index));
    };
    expect(dues(7)).toEqual(dues(7));
    expect(dues(7)).not.toEqual(dues(8));
  });

  it('has the mean rate and the spread of independent arrivals', () => {
    const schedule = poissonRate({ perSecond: 1000, durationMs: 20_000, seed: 1 });
    const gaps = Array.from({ length: schedule.count - 1 }, (_, index) => schedule.dueAt(index + 1) - schedule.dueAt(index));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(1, 1);
    // Exponential gaps: the standard deviation equals the mean.
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    expect(schedule.dueAt(schedule.count - 1)).toBeLessThan(20_000);
  });
});

describe('pace', () => {
  const schedule = constantRate({ perSecond: 10, durationMs: 500 });

  it.each([
    { title: 'sends what is due', elapsedMs: 0, issued: 0, expected: { kind: 'send' } },
    { title: 'waits for the next', elapsedMs: 1, issued: 1, expected: { kind: 'wait', untilMs: 100 } },
    { title: 'sends exactly when due', elapsedMs: 100, issued: 1, expected: { kind: 'send' } },
    { title: 'late: sends at once and does not skip', elapsedMs: 450, issued: 1, expected: { kind: 'send' } },
    { title: 'late: goes on sending until it has caught up', elapsedMs: 450, issued: 4, expected: { kind: 'send' } },
    { title: 'still sends all when the time is over', elapsedMs: 9999, issued: 4, expected: { kind: 'send' } },
    { title: 'ends after the last', elapsedMs: 450, issued: 5, expected: { kind: 'done' } },
  ])('$title', ({ elapsedMs, issued, expected }) => {
    expect(pace(schedule, elapsedMs, issued)).toEqual(expected);
  });
});
