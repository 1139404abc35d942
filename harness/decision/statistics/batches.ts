/** Fewest windows from which dependence can be estimated. */
export const MIN_WINDOWS = 20;

/**
 * Joins consecutive windows to at least 20 and fewer than 40 batches of equal length (the last takes the remainder).
 * undefined when there are fewer than 20 windows.
 */
export function toBatches<T>(windows: readonly T[]): readonly (readonly T[])[] | undefined {
  const size = Math.floor(windows.length / MIN_WINDOWS);
  if (size === 0) return undefined;
  const count = Math.floor(windows.length / size);
  return Array.from({ length: count }, (_, i) => windows.slice(i * size, i === count - 1 ? undefined : (i + 1) * size));
}
