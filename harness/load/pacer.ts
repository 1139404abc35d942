import { MusterError } from '../model/errors.ts';
import { evenArrivals, poissonArrivals } from './arrivals.ts';
import { shapeMistakes } from './plan-mistakes.ts';
import { curveOf, type RateCurve } from './rate-curve.ts';

/** When each arrival of an open-loop load is due. Pure: knows neither the clock nor the target. */
export interface Schedule {
  /** The rate that was asked for; the mean where it changes over time. */
  readonly perSecond: number;
  readonly durationMs: number;
  /** Number of arrivals. */
  readonly count: number;
  /** Milliseconds from the start of the load to arrival `index` (0-based), never decreasing. Cheapest when asked for in order. */
  dueAt(index: number): number;
}

/** What a pacer does next: send at once, wait until an offset from the start, or nothing more. */
export type Pace = { readonly kind: 'send' } | { readonly kind: 'wait'; readonly untilMs: number } | { readonly kind: 'done' };

interface Rate {
  readonly perSecond: number;
  readonly durationMs: number;
}

/**
 * Arrivals evenly spaced: the k-th is due at k / rate.
 * @throws MusterError when the rate or the duration is not positive.
 */
export function constantRate({ perSecond, durationMs }: Rate): Schedule {
  return { perSecond, durationMs, ...evenArrivals(curve({ perSecond, durationMs })) };
}

/**
 * Independent arrivals with exponential gaps, as from many users who do not know of each other. The number of
 * arrivals varies with the seed around rate × duration.
 * @throws MusterError when the rate or the duration is not positive.
 */
export function poissonRate({ perSecond, durationMs, seed }: Rate & { readonly seed: number }): Schedule {
  return { perSecond, durationMs, ...poissonArrivals(curve({ perSecond, durationMs }), seed) };
}

/** The one rule of the open loop: what is due is sent at once, however late, and nothing is ever skipped. */
export function pace(schedule: Schedule, elapsedMs: number, issued: number): Pace {
  if (issued >= schedule.count) return { kind: 'done' };
  const untilMs = schedule.dueAt(issued);
  return untilMs <= elapsedMs ? { kind: 'send' } : { kind: 'wait', untilMs };
}

function curve(rate: Rate): RateCurve {
  const wrong = shapeMistakes({ kind: 'constant', ...rate });
  if (wrong.length === 0) return curveOf({ kind: 'constant', ...rate });
  throw new MusterError(`Load schedule: ${wrong.join('; ')}.`, {
    code: 'MUSTER_LOAD_SCHEDULE',
    blame: 'config',
    hint: 'Set workload.rate and the duration of the load to values above zero, e.g. rate: 120rps.',
  });
}
