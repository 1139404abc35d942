import type { DiskStall } from '../metrics/index.ts';
import { foreignShare, isDisturbed, type NoiseWindow } from './noise-windows.ts';

export type Span = readonly [fromMs: number, toMs: number];

/** A time in which something kept the run from getting on that is neither its own doing nor its target's. */
export interface Disturbance {
  /** CLOCK_MONOTONIC. */
  readonly startMs: number;
  readonly endMs: number;
  readonly by: 'processes' | 'disk';
  /** What it took of the machine, 0…1. */
  readonly share: number;
  /** Cores in foreign hands, of how many; 0 for the disk. */
  readonly foreignCores: number;
  readonly cores: number;
}

/** Those that fall into the time. */
export function disturbances(
  { noise, stalls }: { readonly noise: readonly NoiseWindow[]; readonly stalls: readonly DiskStall[] },
  span: Span,
): readonly Disturbance[] {
  const byProcesses = noise.filter(isDisturbed).map(
    (window): Disturbance => ({
      startMs: window.startMs,
      endMs: window.endMs,
      by: 'processes',
      share: foreignShare(window),
      foreignCores: window.foreignCores ?? 0,
      cores: window.cores,
    }),
  );
  // Who waits for a disk gets nothing done, whoever else could.
  const byDisk = stalls.map(({ startMs, endMs }): Disturbance => ({ startMs, endMs, by: 'disk', share: 1, foreignCores: 0, cores: 0 }));
  return [...byProcesses, ...byDisk].filter((disturbance) => overlaps(disturbance, span));
}

export function overlaps({ startMs, endMs }: Pick<Disturbance, 'startMs' | 'endMs'>, [fromMs, toMs]: Span): boolean {
  return startMs < toMs && endMs > fromMs;
}

/** In words, for a measurement that took so long. */
export function whatDisturbed(disturbed: readonly Disturbance[], totalS: number): string {
  const of = (by: Disturbance['by']): readonly Disturbance[] => disturbed.filter((disturbance) => disturbance.by === by);
  const [processes, disk] = [of('processes'), of('disk')];
  return [...(processes.length > 0 ? [othersUsed(processes, totalS)] : []), ...(disk.length > 0 ? [diskStood(disk)] : [])].join(', and ');
}

function othersUsed(disturbed: readonly Disturbance[], totalS: number): string {
  const seconds = secondsOf(disturbed);
  const coreSeconds = disturbed.reduce((sum, { startMs, endMs, foreignCores }) => sum + foreignCores * (endMs - startMs), 0) / 1000;
  const { cores } = disturbed[0] ?? { cores: 0 };
  const of = totalS >= seconds ? `${seconds.toFixed(1)} of ${totalS.toFixed(1)} s` : `all of ${totalS.toFixed(1)} s`;
  return `other processes used ${(coreSeconds / seconds).toFixed(1)} of ${cores} cores for ${of} and nothing was idle`;
}

function diskStood(stalls: readonly Disturbance[]): string {
  const longest = Math.max(...stalls.map(({ startMs, endMs }) => endMs - startMs));
  const times = stalls.length === 1 ? 'once' : `${stalls.length} times, the longest`;
  return `the disk of this machine stood still with little to write (${times} for ${longest.toFixed(0)} ms)`;
}

function secondsOf(disturbed: readonly Disturbance[]): number {
  return disturbed.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0) / 1000;
}
