import { quantileOf } from './quantile.ts';
import type { WindowedResult } from './types.ts';

type Windows = Pick<WindowedResult, 'windows'>;

/** All latencies of the measured time, in the order of their windows. */
export function latenciesOf(result: Windows): number[] {
  return result.windows.flatMap((window) => window.latenciesMs);
}

export function sortedLatencies({ windows }: Windows): Float64Array {
  const all = new Float64Array(windows.reduce((sum, window) => sum + window.latenciesMs.length, 0));
  let at = 0;
  for (const { latenciesMs } of windows) {
    all.set(latenciesMs, at);
    at += latenciesMs.length;
  }
  return all.toSorted();
}

/** The latency (from due) at quantile `q` over the whole measured time, by nearest rank; null without samples. */
export function latencyAt(result: Windows, q: number): number | null {
  return quantileOf(sortedLatencies(result), q);
}
