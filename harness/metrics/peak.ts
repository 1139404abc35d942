/** The highest value and when it was seen; null when every sample is a gap. */
export function peakOf<T extends { readonly atMs: number }>(
  samples: readonly T[],
  value: (sample: T) => number | null,
): { readonly atMs: number; readonly value: number } | null {
  let peak: { readonly atMs: number; readonly value: number } | null = null;
  for (const sample of samples) {
    const y = value(sample);
    if (y !== null && (peak === null || y > peak.value)) peak = { atMs: sample.atMs, value: y };
  }
  return peak;
}
