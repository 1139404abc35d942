import type { Quantiles } from './types.ts';

/** The value below or at which a share `q` of the sorted samples lies (nearest rank): always a value that was measured. null without samples. */
export function quantileOf(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0) return null;
  // 0.95 × 20 is 19.000000000000004 in binary floating point on some paths; the rank is 19.
  const rank = Math.ceil(q * sorted.length - 1e-9);
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank - 1))] ?? null;
}

export function sortedCopy(samples: Iterable<number>): Float64Array {
  return new Float64Array(samples).toSorted();
}

export function quantilesOf(samples: Iterable<number>): Quantiles | null {
  const sorted = sortedCopy(samples);
  const at = (q: number) => quantileOf(sorted, q) ?? Number.NaN;
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
