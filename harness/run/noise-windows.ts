/** A stretch of the run, and who had the processors in it. */
export interface NoiseWindow {
  /** CLOCK_MONOTONIC. */
  readonly startMs: number;
  readonly endMs: number;
  /** Cores of the machine. */
  readonly cores: number;
  /** Cores in use by others than the run and its target, mean; null: it cannot be told. */
  readonly foreignCores: number | null;
  /** Share of the time in which next to nothing of the machine was idle. */
  readonly tightShare: number;
}

/** From this share of the machine on in foreign hands … */
const FOREIGN_SHARE = 0.2;
/** … while so little was left over for so long, what the run did had to wait for a processor. */
const TIGHT_SHARE = 0.25;
/** Below this idle share of a sample the machine is tight. */
const TIGHT_IDLE = 0.1;

/** The kernel counts in hundredths of a second, of each process by itself: in less than this the rest of it tells nothing. */
const MIN_LENGTH_MS = 250;
const JOINED_UP_TO_MS = 1000;

/** Others kept the run from its processors. What the target uses itself does not count, however much it is. */
export function isDisturbed({ startMs, endMs, foreignCores, cores, tightShare }: NoiseWindow): boolean {
  if (foreignCores === null || endMs - startMs < MIN_LENGTH_MS) return false;
  return foreignCores / cores >= FOREIGN_SHARE && tightShare >= TIGHT_SHARE;
}

/** Share of the machine in foreign hands, 0…1. */
export function foreignShare({ foreignCores, cores }: NoiseWindow): number {
  return Math.min(1, (foreignCores ?? 0) / cores);
}

/** With `next` at its end. One that is too short to tell anything becomes one with the window before it. */
export function appendWindow(windows: NoiseWindow[], next: NoiseWindow): void {
  const last = windows.at(-1);
  if (last !== undefined && last.endMs === next.startMs && isJoined(lengthOf(last), lengthOf(next)))
    windows[windows.length - 1] = joined(last, next);
  else windows.push(next);
}

function isJoined(lastMs: number, nextMs: number): boolean {
  return lastMs < MIN_LENGTH_MS || (nextMs < MIN_LENGTH_MS && lastMs < JOINED_UP_TO_MS);
}

function joined(last: NoiseWindow, next: NoiseWindow): NoiseWindow {
  const [before, after] = [lengthOf(last), lengthOf(next)];
  const mean = (a: number, b: number): number => (a * before + b * after) / (before + after);
  const isKnown = last.foreignCores !== null && next.foreignCores !== null;
  return {
    startMs: last.startMs,
    endMs: next.endMs,
    cores: next.cores,
    foreignCores: isKnown ? mean(last.foreignCores, next.foreignCores) : null,
    tightShare: mean(last.tightShare, next.tightShare),
  };
}

function lengthOf({ startMs, endMs }: NoiseWindow): number {
  return endMs - startMs;
}

export interface MachineUse {
  readonly atMs: number;
  readonly availableMs: number;
  readonly usedMs: number;
  readonly idleMs: number;
}

/** The stretch from `startMs` to the last of the samples, in which the run itself used `ownMs`. null when the samples hold no time. */
export function windowOf(
  samples: readonly MachineUse[],
  { startMs, cores, ownMs }: { readonly startMs: number; readonly cores: number; readonly ownMs: number | null },
): NoiseWindow | null {
  const timed = samples.filter(({ availableMs }) => availableMs > 0);
  const availableMs = sum(timed.map((sample) => sample.availableMs));
  const last = timed.at(-1);
  if (last === undefined) return null;
  const foreignMs = ownMs === null ? null : Math.max(0, sum(timed.map(({ usedMs }) => usedMs)) - ownMs);
  return {
    startMs,
    endMs: last.atMs,
    cores,
    foreignCores: foreignMs === null ? null : (foreignMs / availableMs) * cores,
    tightShare: timed.filter(({ idleMs, availableMs: all }) => idleMs / all < TIGHT_IDLE).length / timed.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
