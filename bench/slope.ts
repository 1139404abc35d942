import { tQuantile } from '../harness/decision/statistics/student-t.ts';

export interface Slope {
  /** Growth from the first point to the last along the fitted line, in the unit of the values. */
  readonly growth: number;
  /** Half of its 95 % confidence interval. */
  readonly margin: number;
  /** Level in the middle of the line. */
  readonly level: number;
}

/**
 * Least-squares line through (time, value). Neighbouring samples resemble each other, so their number is reduced to
 * n (1 − r) / (1 + r) with r the lag-one autocorrelation of the residuals before the margin is taken (Bayley & Hammersley 1946,
 * first order). null for fewer than ten points.
 */
export function slopeOf(points: readonly (readonly [number, number])[]): Slope | null {
  if (points.length < 10) return null;
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const rss = residuals.reduce((sum, r) => sum + r * r, 0);
  const effective = Math.max(3, n * damping(residuals, rss));
  const error = Math.sqrt(rss / (effective - 2) / (sxx * (effective / n)));
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return { growth: slope * span, margin: tQuantile(0.975, effective - 2) * error * span, level: meanY };
}

function damping(residuals: readonly number[], rss: number): number {
  if (rss === 0) return 1;
  const lagged = residuals.slice(1).reduce((sum, r, index) => sum + r * (residuals[index] ?? 0), 0);
  const r = Math.min(0.99, Math.max(0, lagged / rss));
  return (1 - r) / (1 + r);
}

/**
 * The lowest value of every stretch of `stretchMs`: bursts go up and come down again, a leak raises what is left after them.
 * The time of each is the middle of its stretch; a stretch that is not complete is left out.
 */
export function floorOf(points: readonly (readonly [number, number])[], stretchMs: number): readonly (readonly [number, number])[] {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  const stretches = Math.floor((last - first) / stretchMs);
  return Array.from({ length: stretches }, (_, index) => {
    const from = first + index * stretchMs;
    const values = points.flatMap(([x, y]) => (x >= from && x < from + stretchMs ? [y] : []));
    return [from + stretchMs / 2, Math.min(...values)] as const;
  }).filter(([, y]) => Number.isFinite(y));
}
