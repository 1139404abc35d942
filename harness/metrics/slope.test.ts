import { describe, expect, it } from 'vitest';
import { floorOf, slopePerHour } from './slope.ts';

const HOUR_MS = 3_600_000;

/** Deterministic normal numbers: Park & Miller (1988) and Box & Muller (1958). */
function normals(seed: number): () => number {
  let state = seed * 7919 + 1;
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A quarter of an hour of samples every five seconds; `memory` 0: independent noise, towards 1: neighbours resemble each other. */
function soak(seed: number, { perHour = 0, memory = 0 } = {}): [number, number][] {
  const normal = normals(seed);
  let noise = normal();
  return Array.from({ length: 180 }, (_, index) => {
    noise = memory * noise + Math.sqrt(1 - memory ** 2) * normal();
    const atMs = index * 5000;
    return [atMs, 100 + (perHour * atMs) / HOUR_MS + noise];
  });
}

const SERIES = 200;
const share = (holds: (seed: number) => boolean): number =>
  Array.from({ length: SERIES }, (_, seed) => holds(seed)).filter(Boolean).length / SERIES;

describe('slopePerHour', () => {
  it.each([
    ['independent', 0],
    ['that resemble each other', 0.5],
    ['that resemble each other much', 0.9],
  ])('holds the true slope in its interval about as often as it says, with neighbours %s', (_, memory) => {
    const held = share((seed) => {
      const slope = slopePerHour(soak(seed + 1, { memory, perHour: 3 }), { confidence: 0.9 });
      return slope !== null && slope.low <= 3 && slope.high >= 3;
    });
    expect(held).toBeGreaterThan(memory === 0.9 ? 0.8 : 0.86);
    expect(held).toBeLessThan(0.99);
  });

  it('finds a leak and its size, and none in what only goes up and down', () => {
    const leak = slopePerHour(soak(1, { perHour: 40 }));
    expect(leak?.low).toBeGreaterThan(35);
    expect(leak?.high).toBeLessThan(45);
    expect(leak?.perHour).toBeCloseTo(40, -1);
    const none = slopePerHour(soak(2));
    expect(none?.low).toBeLessThan(0);
    expect(none?.high).toBeGreaterThan(0);
    expect(none?.level).toBeCloseTo(100, 0);
  });

  it('is not moved by a few wild values', () => {
    const wild = soak(3).map(([x, y], index): [number, number] => [x, index > 170 ? y + 1000 : y]);
    expect(Math.abs(slopePerHour(wild)?.perHour ?? 99)).toBeLessThan(3);
  });

  it('leaves the warm-up out', () => {
    const warming = soak(4).map(([x, y]): [number, number] => [x, x < 300_000 ? y - 3 + x / 100_000 : y]);
    const perHour = (warmupMs: number): number => slopePerHour(warming, { warmupMs })?.perHour ?? Number.NaN;
    expect(perHour(0)).toBeGreaterThan(5);
    expect(Math.abs(perHour(300_000))).toBeLessThan(3);
  });

  it('knows a value that never changes', () => {
    expect(slopePerHour(Array.from({ length: 30 }, (_, index): [number, number] => [index, 21]))).toMatchObject({
      perHour: 0,
      low: 0,
      high: 0,
      level: 21,
    });
  });

  it.each([
    ['a handful of points', [[0, 1]] as [number, number][]],
    ['points at one moment', Array.from({ length: 50 }, (): [number, number] => [7, 1])],
    ['nothing after the warm-up', [] as [number, number][]],
  ])('says nothing about %s', (_, points) => {
    expect(slopePerHour(points)).toBeNull();
  });
});

describe('floorOf', () => {
  it('forgets bursts and keeps a leak', () => {
    const bursts = Array.from({ length: 300 }, (_, index): [number, number] => [index, 100 + (index % 30 > 15 ? 50 : 0)]);
    expect(new Set(floorOf(bursts, 30).map(([, y]) => y))).toEqual(new Set([100]));
    const leak = bursts.map(([x, y]): [number, number] => [x * 1000, y + x / 10]);
    expect(slopePerHour(floorOf(leak, 20_000))?.perHour).toBeCloseTo(360, -1);
  });

  it('leaves out a stretch that nobody sampled', () => {
    const points = [
      [0, 1],
      [5, 3],
      [25, 2],
      [40, 2],
    ] as const;
    expect(floorOf(points, 10)).toEqual([
      [5, 1],
      [25, 2],
    ]);
  });
});
