import { quantileOf, sortedCopy } from './quantile.ts';
import type { WindowedResult } from './types.ts';

/** How much a figure differs from repeat to repeat. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** Sample standard deviation over the mean; null when the mean is 0. */
  readonly variation: number | null;
}

/** Fewer repeats do not show a spread. */
const FEWEST = 5;

/** Of the same figure in repeats or blocks; null when there are fewer than five. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = sortedCopy(values);
  const [lowest, highest] = [sorted.at(0), sorted.at(-1)];
  if (sorted.length < FEWEST || lowest === undefined || highest === undefined) return null;
  const middle = (sorted.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return {
    count: values.length,
    median: ((sorted[Math.floor(middle)] ?? lowest) + (sorted[Math.ceil(middle)] ?? highest)) / 2,
    lowest,
    highest,
    variation: mean === 0 ? null : Math.sqrt(variance) / Math.abs(mean),
  };
}

/**
 * The latency at quantile `q` in each of so many consecutive blocks of one load, about equal in time: repeats without starting again. Blocks
 * in which nothing came are left out.
 */
export function blockLatencies(result: Pick<WindowedResult, 'windows'>, q: number, blocks = FEWEST): readonly number[] {
  const { windows } = result;
  return Array.from({ length: blocks }, (_, block) => {
    const part = windows.slice(Math.round((block * windows.length) / blocks), Math.round(((block + 1) * windows.length) / blocks));
    return quantileOf(sortedCopy(part.flatMap(({ latenciesMs }) => [...latenciesMs])), q);
  }).filter((value) => value !== null);
}
