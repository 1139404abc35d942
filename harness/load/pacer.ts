import { MusterError } from '../model/errors.ts';
import { seededRandom } from './random.ts';

/** When each arrival of an open-loop load is due. Pure: knows neither the clock nor the target. */
export interface Schedule {
  /** The rate that was asked for. */
  readonly perSecond: number;
  readonly durationMs: number;
  /** Number of arrivals. */
  readonly count: number;
  /** Milliseconds from the start of the load to arrival `index` (0-based), never decreasing. */
  dueAt(index: number): number;
}

/** What a pacer does next: send at once, wait until an offset from the start, or nothing more. */
export type Pace = { readonly kind: 'send' } | { readonly kind: 'wait'; readonly untilMs: number } | { readonly kind: 'done' };

const MAX_ARRIVALS = 20_000_000;

/**
 * Arrivals evenly spaced: the k-th is due at k / rate.
 * @throws MusterError when the rate or the duration is not positive.
 */
export function constantRate(options: { readonly perSecond: number; readonly durationMs: number }): Schedule {
  const { perSecond, durationMs } = checked(options);
  const gapMs = 1000 / perSecond;
  // A product that is whole but for rounding (0.1 × 30 / 1000) must not become one arrival more.
  const count = Math.ceil((perSecond * durationMs) / 1000 - 1e-9);
  return { perSecond, durationMs, count, dueAt: (index) => index * gapMs };
}

/**
 * Independent arrivals with exponential gaps, as from many users who do not know of each other. The number of
 * arrivals varies with the seed around rate × duration.
 * @throws MusterError when the rate or the duration is not positive.
 */
export function poissonRate(options: { readonly perSecond: number; readonly durationMs: number; readonly seed: number }): Schedule {
  const { perSecond, durationMs } = checked(options);
  const random = seededRandom(options.seed);
  const dueMs: number[] = [];
  for (let atMs = gapMs(); atMs < durationMs; atMs += gapMs()) dueMs.push(atMs);
  return { perSecond, durationMs, count: dueMs.length, dueAt: (index) => dueMs[index] ?? Number.POSITIVE_INFINITY };

  function gapMs(): number {
    return (-Math.log(1 - random()) * 1000) / perSecond;
  }
}

/** The one rule of the open loop: what is due is sent at once, however late, and nothing is ever skipped. */
export function pace(schedule: Schedule, elapsedMs: number, issued: number): Pace {
  if (issued >= schedule.count) return { kind: 'done' };
  const untilMs = schedule.dueAt(issued);
  return untilMs <= elapsedMs ? { kind: 'send' } : { kind: 'wait', untilMs };
}

function checked(options: { readonly perSecond: number; readonly durationMs: number }): { perSecond: number; durationMs: number } {
  const { perSecond, durationMs } = options;
  for (const [name, value] of Object.entries({ perSecond, durationMs })) {
    if (!(value > 0) || !Number.isFinite(value)) throw invalid(`${name} is ${value}, expected a positive number`);
  }
  const arrivals = (perSecond * durationMs) / 1000;
  if (arrivals > MAX_ARRIVALS)
    throw invalid(`${perSecond}/s for ${durationMs} ms are ${arrivals} arrivals, at most ${MAX_ARRIVALS} fit one process`);
  return { perSecond, durationMs };
}

function invalid(what: string): MusterError {
  return new MusterError(`Load schedule: ${what}.`, {
    code: 'MUSTER_LOAD_SCHEDULE',
    blame: 'config',
    hint: 'Set workload.rate and the duration of the load to values above zero, e.g. rate: 120rps.',
  });
}
