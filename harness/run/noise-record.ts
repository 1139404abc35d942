import type { DiskProbe } from '../metrics/index.ts';
import type { RecordDisk, RecordNoise, RecordSeries } from '../model/record.ts';
import { isDisturbed, type NoiseWindow } from './noise-windows.ts';

const SECOND_MS = 1000;
/** A run of a day must not fill the record. */
const MAX_POINTS = 1000;

type Told = NoiseWindow & { readonly foreignCores: number };

/** For the whole time that was watched; null when in none of it anybody could tell. */
export function noiseRecord(
  windows: readonly NoiseWindow[],
  { latenessMs, disk }: { readonly latenessMs: readonly number[]; readonly disk: Pick<DiskProbe, 'waits' | 'stalls'> | null },
): RecordNoise | null {
  const told = windows.filter(isTold);
  if (told.length === 0) return null;
  const late = latenessMs.toSorted((a, b) => a - b);
  return {
    foreignCoresMean: meanOf(told),
    foreignCoresPeak: grouped(told, SECOND_MS).reduce((peak, second) => Math.max(peak, meanOf(second)), 0),
    disturbedShare: lengthOf(told.filter(isDisturbed)) / lengthOf(told),
    timerLatenessP50Ms: late[Math.floor((late.length - 1) * 0.5)] ?? 0,
    timerLatenessP99Ms: late[Math.ceil((late.length - 1) * 0.99)] ?? 0,
    disk: disk === null ? null : diskRecord(disk),
  };
}

function diskRecord({ waits, stalls }: Pick<DiskProbe, 'waits' | 'stalls'>): RecordDisk | null {
  const [first, last] = [waits[0], waits.at(-1)];
  if (first === undefined || last === undefined) return null;
  const sorted = waits.map(({ waitMs }) => waitMs).toSorted((a, b) => a - b);
  return {
    waitP50Ms: sorted[Math.floor((sorted.length - 1) * 0.5)] ?? 0,
    waitMaxMs: sorted.at(-1) ?? 0,
    stalledShare: lengthOf(stalls) / Math.max(1, last.atMs - first.atMs + first.waitMs),
  };
}

/** Cores in the hands of others over the time of the run. */
export function foreignSeries(windows: readonly NoiseWindow[], runStartedAtMs: number): RecordSeries | null {
  const told = windows.filter(isTold);
  if (told.length === 0) return null;
  const span = (told.at(-1)?.endMs ?? 0) - (told[0]?.startMs ?? 0);
  return {
    id: 'noise.foreign_cores',
    suite: 'machine',
    label: 'Processors in use by others',
    unit: 'cores',
    points: grouped(told, Math.max(SECOND_MS, span / MAX_POINTS)).map((group) => [
      (group.at(-1)?.endMs ?? 0) - runStartedAtMs,
      meanOf(group),
    ]),
  };
}

/** How long the disk took for a small write, at worst, over the time of the run. */
export function diskSeries(waits: DiskProbe['waits'], runStartedAtMs: number): RecordSeries | null {
  const [first, last] = [waits[0], waits.at(-1)];
  if (first === undefined || last === undefined) return null;
  const eachMs = Math.max(SECOND_MS, (last.atMs - first.atMs) / MAX_POINTS);
  const worst = new Map<number, number>();
  for (const { atMs, waitMs } of waits) {
    const stretch = Math.floor((atMs - first.atMs) / eachMs);
    worst.set(stretch, Math.max(waitMs, worst.get(stretch) ?? 0));
  }
  return {
    id: 'noise.disk_wait',
    suite: 'machine',
    label: 'Longest wait of a small write for the disk',
    unit: 'ms',
    points: [...worst].map(([stretch, waitMs]) => [first.atMs + (stretch + 1) * eachMs - runStartedAtMs, waitMs]),
  };
}

function isTold(window: NoiseWindow): window is Told {
  return window.foreignCores !== null;
}

/** Neighbours, until a group is about as long as `lengthMs`. */
function grouped(windows: readonly Told[], lengthMs: number): readonly (readonly Told[])[] {
  const groups: Told[][] = [];
  let startMs = Number.NEGATIVE_INFINITY;
  for (const window of windows) {
    const group = groups.at(-1);
    // Windows do not end exactly on time: one that ends a little later still belongs to the group.
    if (group !== undefined && window.endMs - startMs <= lengthMs * 1.25) group.push(window);
    else {
      groups.push([window]);
      ({ startMs } = window);
    }
  }
  return groups;
}

function lengthOf(windows: readonly Pick<NoiseWindow, 'startMs' | 'endMs'>[]): number {
  return windows.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0);
}

function meanOf(windows: readonly Told[]): number {
  return (
    windows.reduce((sum, { startMs, endMs, foreignCores }) => sum + foreignCores * (endMs - startMs), 0) / Math.max(1, lengthOf(windows))
  );
}
