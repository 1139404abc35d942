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

/** Others kept the run from its processors. What the target uses itself does not count, however much it is. */
export function isDisturbed({ foreignCores, cores, tightShare }: NoiseWindow): boolean {
  return foreignCores !== null && foreignCores / cores >= FOREIGN_SHARE && tightShare >= TIGHT_SHARE;
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
