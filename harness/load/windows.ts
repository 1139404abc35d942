import { quantileOf, sortedCopy } from './quantile.ts';
import type { WindowedResult } from './types.ts';

/** All latencies of the measured time, in the order of their windows. */
export function latenciesOf(result: Pick<WindowedResult, 'windows'>): number[] {
  return result.windows.flatMap((window) => [...window.latenciesMs]);
}

/** The latency (from due) at quantile `q` over the whole measured time, by nearest rank; null without samples. */
export function latencyAt(result: Pick<WindowedResult, 'windows'>, q: number): number | null {
  return quantileOf(sortedCopy(latenciesOf(result)), q);
}
