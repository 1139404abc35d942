type Points = readonly (readonly [atMs: number, value: number])[];

/** How fast a series grows, in its unit per hour, with the interval in which the true slope is at the given confidence. */
export interface Slope {
  readonly perHour: number;
  /** Two-sided confidence interval of `perHour`. */
  readonly low: number;
  readonly high: number;
  /** Median of the values. */
  readonly level: number;
  /** Time covered by what was judged. */
  readonly spanMs: number;
  /** Blocks the line was laid through. */
  readonly blocks: number;
}

export interface SlopeOptions {
  /** Two-sided; 0.95 when absent. */
  readonly confidence?: number;
  /** Points in this time after the first are left out: caches fill, pools grow, code is compiled. */
  readonly warmupMs?: number;
}

const HOUR_MS = 3_600_000;
const MIN_BLOCKS = 10;
const MAX_BLOCKS = 60;

/**
 * Slope of a series of (time in ms, value), robust against outliers and honest about neighbours that resemble each other: medians of up to 60 blocks of
 * equal time, the median of the slopes between all pairs of them (Theil 1950, Sen 1968), and Sen's rank interval for it. The variance of Kendall's S
 * that the interval rests on is widened by (1 + r) / (1 − r), r the lag-one autocorrelation of what the line leaves over (Yue & Wang 2004, from
 * Bayley & Hammersley 1946), with its small-sample bias removed (Marriott & Pope 1954).
 * null: fewer than ten blocks hold a value, or they resemble each other so much that nothing can be said.
 */
export function slopePerHour(points: Points, { confidence = 0.95, warmupMs = 0 }: SlopeOptions = {}): Slope | null {
  const start = points[0]?.[0] ?? 0;
  const kept = points.filter(([at]) => at >= start + warmupMs);
  const blocks = blockMedians(kept);
  if (blocks.length < MIN_BLOCKS) return null;
  const slopes = pairSlopes(blocks);
  const slope = medianOf(slopes);
  const deviation = deviationOfS(blocks.map(([x, y]) => y - slope * x));
  const interval = rankInterval(slopes, normalQuantile(0.5 + confidence / 2) * deviation);
  if (interval === null) return null;
  return {
    perHour: slope * HOUR_MS,
    low: interval[0] * HOUR_MS,
    high: interval[1] * HOUR_MS,
    level: medianOf(kept.map(([, y]) => y).toSorted((a, b) => a - b)),
    spanMs: spanOf(kept),
    blocks: blocks.length,
  };
}

/** Standard deviation of Kendall's S where there is no trend. */
function deviationOfS(residuals: readonly number[]): number {
  const n = residuals.length;
  return Math.sqrt(((n * (n - 1) * (2 * n + 5)) / 18) * inflation(residuals));
}

/** The slopes at the ranks of Hollander & Wolfe (1973), as in Gilbert (1987), 16.4. */
function rankInterval(slopes: readonly number[], reach: number): readonly [number, number] | null {
  const low = slopes[Math.round((slopes.length - reach) / 2) - 1];
  const high = slopes[Math.round((slopes.length + reach) / 2)];
  return low === undefined || high === undefined ? null : [low, high];
}

function spanOf(points: Points): number {
  return (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
}

/**
 * The lowest value of every stretch of `stretchMs`: bursts and garbage go up and come down again, a leak raises what is left after them.
 * The time of each is the middle of its stretch; a stretch that is not complete, and one without points, is left out.
 */
export function floorOf(points: Points, stretchMs: number): Points {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  return grouped(points, { first, stretchMs, count: Math.floor((last - first) / stretchMs) }).map(
    ({ middle, values }) => [middle, values.reduce((lowest, value) => Math.min(lowest, value), Number.POSITIVE_INFINITY)] as const,
  );
}

function blockMedians(points: Points): Points {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  // Few points are blocks of their own: their own times, not the middle of a stretch.
  if (points.length <= MAX_BLOCKS) return last > first ? points : [];
  const stretchMs = ((last - first) / MAX_BLOCKS) * (1 + Number.EPSILON);
  return grouped(points, { first, stretchMs, count: MAX_BLOCKS }).map(
    ({ middle, values }) => [middle, medianOf(values.toSorted((a, b) => a - b))] as const,
  );
}

interface Stretches {
  readonly first: number;
  readonly stretchMs: number;
  readonly count: number;
}

function grouped(
  points: Points,
  { first, stretchMs, count }: Stretches,
): readonly { readonly middle: number; readonly values: readonly number[] }[] {
  const groups = Array.from({ length: count }, (): number[] => []);
  for (const [at, value] of points) groups[Math.floor((at - first) / stretchMs)]?.push(value);
  return groups.map((values, index) => ({ middle: first + (index + 0.5) * stretchMs, values })).filter(({ values }) => values.length > 0);
}

/** Sorted. Two points at the same time say nothing about a slope. */
function pairSlopes(points: Points): readonly number[] {
  const slopes = points.flatMap(([x1, y1], index) =>
    points.slice(index + 1).flatMap(([x2, y2]) => (x2 === x1 ? [] : [(y2 - y1) / (x2 - x1)])),
  );
  return slopes.toSorted((a, b) => a - b);
}

/** How much less neighbouring values say than independent ones. */
function inflation(residuals: readonly number[]): number {
  const n = residuals.length;
  const mean = residuals.reduce((sum, r) => sum + r, 0) / n;
  const squares = residuals.reduce((sum, r) => sum + (r - mean) ** 2, 0);
  if (squares === 0) return 1;
  const lagged = residuals.slice(1).reduce((sum, r, index) => sum + (r - mean) * ((residuals[index] ?? mean) - mean), 0);
  const r = Math.min(0.95, Math.max(0, ((lagged / squares) * n + 1) / (n - 4)));
  return (1 + r) / (1 - r);
}

function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Quantile of the standard normal distribution: Abramowitz & Stegun 26.2.23, absolute error below 4.5e-4. */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
}
