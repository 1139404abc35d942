import { describe, expect, it } from 'vitest';
import { floorOf, slopeOf } from './slope.ts';

/** Deterministic noise in −1…1. */
const noise = (index: number): number => ((index * 7919) % 200) / 100 - 1;
const line = (perStep: number): [number, number][] =>
  Array.from({ length: 300 }, (_, index) => [index, 100 + perStep * index + noise(index)]);

describe('slopeOf', () => {
  it('finds a leak and its size', () => {
    const slope = slopeOf(line(0.1));
    expect(slope?.growth).toBeCloseTo(29.9, 0);
    expect(slope === null ? 0 : slope.growth - slope.margin).toBeGreaterThan(25);
  });

  it('finds nothing where nothing grows', () => {
    const slope = slopeOf(line(0));
    expect(Math.abs(slope?.growth ?? 99)).toBeLessThan(slope?.margin ?? 0);
  });

  it('is less sure when neighbours resemble each other', () => {
    const wave: [number, number][] = Array.from({ length: 300 }, (_, index) => [index, 100 + Math.sin(index / 30)]);
    expect(slopeOf(wave)?.margin ?? 0).toBeGreaterThan((slopeOf(line(0))?.margin ?? 0) * 2);
  });

  it('says nothing about a handful of points', () => {
    expect(slopeOf([[0, 1]])).toBe(null);
  });
});

describe('floorOf', () => {
  it('forgets bursts and keeps a leak', () => {
    const bursts = Array.from({ length: 300 }, (_, index): [number, number] => [index, 100 + (index % 30 > 15 ? 50 : 0)]);
    expect(new Set(floorOf(bursts, 30).map(([, y]) => y))).toEqual(new Set([100]));
    const leak = bursts.map(([x, y]): [number, number] => [x, y + x / 10]);
    expect(slopeOf(floorOf(leak, 29))?.growth ?? 0).toBeGreaterThan(20);
  });

  it('leaves out a stretch that nobody sampled', () => {
    expect(
      floorOf(
        [
          [0, 1],
          [5, 3],
          [25, 2],
          [40, 2],
        ],
        10,
      ),
    ).toEqual([
      [5, 1],
      [25, 2],
    ]);
  });
});
