/** More than chance: beyond three standard deviations of what values in random order would give. */
const SIGNIFICANT = 3;
const FEWEST = 5;

/**
 * Growth per unit of x along the points, 0 when it cannot be told from chance. Slope by Theil and Sen (median of all pairs), significance by
 * Mann and Kendall: neither minds single outliers, as a stall makes them.
 */
export function growthOf(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  if (n < FEWEST) return 0;
  const slopes: number[] = [];
  let rises = 0;
  for (const [place, [x, y]] of points.entries()) {
    for (const [earlierX, earlierY] of points.slice(0, place)) {
      slopes.push((y - earlierY) / (x - earlierX));
      rises += Math.sign(y - earlierY);
    }
  }
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return rises <= SIGNIFICANT * deviation ? 0 : (slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0);
}
