import { describe, expect, it } from 'vitest';
import { diskSeries, noiseRecord, foreignSeries } from './noise-record.ts';
import { appendWindow, isDisturbed, windowOf, type NoiseWindow } from './noise-windows.ts';

const use = (atMs: number, usedMs: number, idleMs: number) => ({ atMs, availableMs: 500, usedMs, idleMs });

describe('windowOf', () => {
  it('gives others what neither the run nor an interrupt used', () => {
    const window = windowOf([use(250, 400, 90), use(500, 480, 0)], { startMs: 0, cores: 2, ownMs: 330 });
    expect(window).toEqual({ startMs: 0, endMs: 500, cores: 2, foreignCores: 1.1, tightShare: 0.5 });
  });

  it('never gives them less than nothing: counters of processes and of the machine are not read at the same instant', () => {
    expect(windowOf([use(250, 100, 400)], { startMs: 0, cores: 2, ownMs: 130 })?.foreignCores).toBe(0);
  });

  it('does not know what others used when it does not know what the run used', () => {
    expect(windowOf([use(250, 500, 0)], { startMs: 0, cores: 2, ownMs: null })?.foreignCores).toBeNull();
  });

  it('is none without time', () => {
    expect(windowOf([{ atMs: 0, availableMs: 0, usedMs: 0, idleMs: 0 }], { startMs: 0, cores: 2, ownMs: 0 })).toBeNull();
  });
});

describe('isDisturbed', () => {
  const window: NoiseWindow = { startMs: 0, endMs: 500, cores: 2, foreignCores: 0.5, tightShare: 1 };

  it('takes a part of the machine in foreign hands and nothing left over', () => {
    expect(isDisturbed(window)).toBe(true);
    expect(isDisturbed({ ...window, foreignCores: 0.2 })).toBe(false);
    expect(isDisturbed({ ...window, tightShare: 0 })).toBe(false);
    expect(isDisturbed({ ...window, foreignCores: null })).toBe(false);
  });

  it('takes nothing that is too short to tell', () => {
    expect(isDisturbed({ ...window, endMs: 200 })).toBe(false);
  });
});

describe('appendWindow', () => {
  const window = (startMs: number, endMs: number, foreignCores: number | null): NoiseWindow => ({
    startMs,
    endMs,
    cores: 2,
    foreignCores,
    tightShare: 1,
  });
  const appended = (...all: readonly NoiseWindow[]): readonly NoiseWindow[] => {
    const windows: NoiseWindow[] = [];
    for (const one of all) appendWindow(windows, one);
    return windows;
  };

  it('joins one that is too short to its neighbour', () => {
    expect(appended(window(0, 500, 0), window(500, 600, 1.2), window(600, 1100, 1))).toEqual([window(0, 600, 0.2), window(600, 1100, 1)]);
    expect(appended(window(0, 100, 0), window(100, 500, 1))).toEqual([window(0, 500, 0.8)]);
    expect(appended(window(0, 500, 0), window(500, 600, null))).toEqual([window(0, 600, null)]);
  });

  it('neither joins across a gap nor without end', () => {
    const apart = [window(0, 500, 0), window(501, 600, 1)];
    expect(appended(...apart)).toEqual(apart);
    const short = Array.from({ length: 20 }, (_, index) => window(index * 100, (index + 1) * 100, 1));
    expect(appended(...short).map(({ endMs }) => endMs)).toEqual([1000, 2000]);
  });
});

describe('what the record says of the noise', () => {
  const windows = [0.2, 0.2, 1.8, 1.8, 0, 0].map((foreignCores, index) => ({
    startMs: 10_000 + index * 500,
    endMs: 10_500 + index * 500,
    cores: 2,
    foreignCores,
    tightShare: 1,
  }));

  it('is the mean, the worst second, how much was disturbed and how late the own timer was', () => {
    const record = noiseRecord(windows, { latenessMs: [0, 1, 1, 9], disk: null });
    expect(record?.foreignCoresMean).toBeCloseTo(2 / 3);
    expect(record?.foreignCoresPeak).toBeCloseTo(1.8);
    expect(record?.disturbedShare).toBeCloseTo(1 / 3);
    expect(record).toMatchObject({ timerLatenessP50Ms: 1, timerLatenessP99Ms: 9, disk: null });
  });

  it('is a curve with a point a second, on the clock of the run', () => {
    expect(foreignSeries(windows, 9000)?.points.map(([x, y]) => [x, Number(y.toFixed(3))])).toEqual([
      [2000, 0.2],
      [3000, 1.8],
      [4000, 0],
    ]);
  });

  it('is nothing where nobody could tell', () => {
    const unknown = windows.map((window) => ({ ...window, foreignCores: null }));
    expect(noiseRecord(unknown, { latenessMs: [1], disk: null })).toBeNull();
    expect(foreignSeries(unknown, 0)).toBeNull();
    expect(diskSeries([], 0)).toBeNull();
  });

  it('is how long the disk took, in the median and at worst, and for how much of the time it stood', () => {
    const waits = Array.from({ length: 30 }, (_, index) => ({ atMs: 10_100 + index * 100, waitMs: index === 14 ? 400 : 1 }));
    const stalls = [{ startMs: 11_100, endMs: 11_500 }];
    expect(noiseRecord(windows, { latenessMs: [], disk: { waits, stalls } })?.disk).toEqual({
      waitP50Ms: 1,
      waitMaxMs: 400,
      stalledShare: 400 / 2901,
    });
    expect(noiseRecord(windows, { latenessMs: [], disk: { waits: [], stalls: [] } })?.disk).toBeNull();
    expect(diskSeries(waits, 9000)?.points).toEqual([
      [2100, 1],
      [3100, 400],
      [4100, 1],
    ]);
  });
});
