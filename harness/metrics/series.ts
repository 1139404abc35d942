import type { RecordSeries } from '../model/record.ts';

/**
 * One line of the report from samples; samples for which `value` is null are gaps and left out.
 * `runStartedAtMs` is the run's start on CLOCK_MONOTONIC.
 */
export function sampleSeries<T extends { readonly atMs: number }>(
  samples: readonly T[],
  options: Omit<RecordSeries, 'points'> & { readonly runStartedAtMs: number; readonly value: (sample: T) => number | null },
): RecordSeries {
  const { runStartedAtMs, value, ...shown } = options;
  const points = samples.flatMap((sample): (readonly [number, number])[] => {
    const y = value(sample);
    return y === null ? [] : [[sample.atMs - runStartedAtMs, y]];
  });
  return { ...shown, points };
}
