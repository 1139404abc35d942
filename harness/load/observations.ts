import type { Observation, WindowTimes } from '../model/measurement.ts';
import type { RecordDistribution, RecordSeries } from '../model/record.ts';
import { quantileOf, sortedCopy } from './quantile.ts';
import type { WindowedResult } from './types.ts';
import { latenciesOf, sortedLatencies } from './windows.ts';

type Shown = { readonly id: string; readonly suite: string; readonly label: string };

/** Successes among all that was scheduled and came due: drops and time-outs are failures. */
export function successRatio(result: WindowedResult): Observation {
  const windows = result.windows.map(({ successes, trials }) => ({ successes, trials }));
  const [successes, trials] = [sum(windows.map((w) => w.successes)), sum(windows.map((w) => w.trials))];
  const late = sum(result.windows.map((window) => window.late));
  return { kind: 'ratio', successes, trials, windows, windowTimes: windowTimesOf(result), late: Math.min(late, trials - successes) };
}

/** Latency from due at quantile `q`. */
export function latencyQuantile(result: WindowedResult, q: number): Observation {
  return {
    kind: 'quantile',
    q,
    unit: 'ms',
    windows: result.windows.map((window) => window.latenciesMs),
    windowTimes: windowTimesOf(result),
  };
}

export function meanLatency(result: WindowedResult): Observation {
  return { kind: 'mean', unit: 'ms', samples: latenciesOf(result) };
}

/** Successful answers per second, window by window. */
export function achievedRate(result: WindowedResult): Observation {
  return {
    kind: 'rate',
    unit: 'rps',
    windows: result.windows.map((window) => window.achievedPerSecond),
    windowTimes: windowTimesOf(result),
  };
}

function windowTimesOf({ startedAtMs, windows }: WindowedResult): WindowTimes {
  return windows.map(({ startMs, lengthMs }) => [startedAtMs + startMs, startedAtMs + startMs + lengthMs]);
}

/** 0, every percent, then ever finer towards the tail, where the limits are. */
const PLOTTED_QUANTILES = [...Array.from({ length: 100 }, (_, index) => index / 100), 0.995, 0.999, 0.9995, 0.9999, 1];

/** The latency distribution for the report; `marks` draw the bounds of criteria into it. */
export function distribution(result: WindowedResult, shown: Shown, marks: RecordDistribution['marks'] = []): RecordDistribution {
  const sorted = sortedLatencies(result);
  const quantiles = PLOTTED_QUANTILES.flatMap((q): (readonly [number, number])[] => {
    const value = quantileOf(sorted, q);
    return value === null ? [] : [[q, value]];
  });
  return { ...shown, count: result.windows.reduce((count, window) => count + window.trials, 0), quantiles, marks };
}

/**
 * Rate, failures, p50 and p95 over time, one point per window at its end. `runStartedAtMs` is the run's start on
 * CLOCK_MONOTONIC: the x axis of a record is since then. Series ids are `<id>.rate`, `.failures`, `.p50`, `.p95`.
 */
export function series(result: WindowedResult, shown: Shown, runStartedAtMs: number): RecordSeries[] {
  const offsetMs = result.startedAtMs - runStartedAtMs;
  const line = (name: string, unit: string, value: (window: WindowedResult['windows'][number]) => number | null): RecordSeries => ({
    id: `${shown.id}.${name}`,
    suite: shown.suite,
    label: `${shown.label}: ${name}`,
    unit,
    points: result.windows.flatMap((window): (readonly [number, number])[] => {
      const y = value(window);
      return y === null ? [] : [[offsetMs + window.startMs + window.lengthMs, y]];
    }),
  });
  return [
    line('rate', 'rps', (window) => window.achievedPerSecond),
    line('failures', 'count', (window) => window.trials - window.successes),
    line('p50', 'ms', (window) => quantileOf(sortedCopy(window.latenciesMs), 0.5)),
    line('p95', 'ms', (window) => quantileOf(sortedCopy(window.latenciesMs), 0.95)),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
