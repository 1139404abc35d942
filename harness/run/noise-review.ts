import { evaluate } from '../decision/index.ts';
import type { Criterion } from '../model/criterion.ts';
import type { Measurement, Observation } from '../model/measurement.ts';
import type { CriterionState } from '../model/state.ts';
import type { DiskStall } from '../metrics/index.ts';
import { disturbances, overlaps, whatDisturbed, type Disturbance, type Span } from './disturbances.ts';
import type { NoiseWindow } from './noise-windows.ts';

export interface Seen {
  /** In time order, as far as the run has come. */
  readonly noise: readonly NoiseWindow[];
  readonly stalls: readonly DiskStall[];
  /** CLOCK_MONOTONIC: the zero of the measurement's own window. */
  readonly runStartedAtMs: number;
}

/** What the wait for a processor piles up is worked off within this time after it. */
const SETTLE_MS = 2000;
/** With fewer undisturbed windows than this, or less than this share of all, too little is left to judge by. */
const MIN_LEFT = 3;
const MIN_SHARE_LEFT = 0.2;

type Shaken = Extract<CriterionState, 'INCONCLUSIVE' | 'MARGINAL' | 'VIOLATED'>;
const BADNESS: Readonly<Record<Shaken, number>> = { INCONCLUSIVE: 1, MARGINAL: 2, VIOLATED: 3 };

/**
 * The measurement as it may be believed. One of a latency, a duration or a rate that is not good enough, and was made while others kept the
 * run from its processors or the disk stood still, is looked at again without those times: it stands when it is as bad without them. Else the harness is at fault,
 * and the sentence says how. Nothing becomes better than it was reported.
 */
export function review(measurement: Measurement, criterion: Criterion, { noise, stalls, runStartedAtMs }: Seen): Measurement {
  if (!needsReview(measurement, criterion)) return measurement;
  const badness = badnessOf(evaluate(criterion, { measurement }).state);
  const { startMs, endMs } = measurement.window;
  const span = [runStartedAtMs + startMs, runStartedAtMs + endMs] as const;
  const disturbed = disturbances({ noise, stalls }, span);
  if (disturbed.length === 0) return measurement;
  const { observation, words } = undisturbed(measurement.observation, disturbed, span);
  const rest = observation === null ? null : evaluate(criterion, { measurement: { ...measurement, observation } });
  if (rest !== null && badnessOf(rest.state) >= badness) return measurement;
  const found = rest === null || rest.value === null ? '' : ` ${figure(rest.value, measurement.observation)}`;
  return { ...measurement, harnessFault: `${whatDisturbed(disturbed, (endMs - startMs) / 1000)}; ${words}${found}.` };
}

/** Whether the noise of the machine can have made this answer. */
export function needsReview(measurement: Measurement, criterion: Criterion): boolean {
  const { harnessFault, observation } = measurement;
  if (harnessFault !== null || !isTiming(criterion, observation)) return false;
  const badness = badnessOf(evaluate(criterion, { measurement }).state);
  if (observation.kind !== 'ratio') return badness > 0;
  // What failed in another way than by being late fails on any machine.
  return badnessOf(evaluate(criterion, { measurement: { ...measurement, observation: inTime(observation) } }).state) < badness;
}

const TIMED_KINDS: readonly Observation['kind'][] = ['quantile', 'mean', 'rate', 'level'];

/** A share is about time as far as its failures are time-outs. */
function isTiming(criterion: Criterion, observation: Observation): boolean {
  if (observation.kind === 'ratio') return (observation.late ?? 0) > 0;
  if (observation.kind === 'level' && observation.ofTimes === true) return true;
  const { unit } = criterion;
  return (unit === 'ms' || unit === 's' || unit === 'rps') && TIMED_KINDS.includes(observation.kind);
}

function badnessOf(state: CriterionState): number {
  return state in BADNESS ? BADNESS[state as Shaken] : 0;
}

/** As if every late answer of a share had come in time, and been right. */
function inTime({ successes, trials, late = 0 }: Extract<Observation, { kind: 'ratio' }>): Observation {
  return { kind: 'ratio', successes: successes + late, trials };
}

interface Rest {
  /** null: too little is left. */
  readonly observation: Observation | null;
  readonly words: string;
}

function undisturbed(observation: Observation, disturbed: readonly Disturbance[], span: Span): Rest {
  if (observation.kind === 'level' && observation.ofTimes === true)
    return { observation: null, words: 'how much of it is their doing cannot be told' };
  return withoutThoseTimes(observation, disturbed) ?? sped(observation, lossOf(disturbed, span));
}

/** null when it is not known which part of it was measured when. */
function withoutThoseTimes(observation: Observation, disturbed: readonly Disturbance[]): Rest | null {
  if (observation.kind !== 'quantile' && observation.kind !== 'rate' && observation.kind !== 'ratio') return null;
  const times = observation.windowTimes;
  if (times?.length !== observation.windows?.length || times === undefined) return null;
  const kept = times.map(([startMs, endMs], index) => {
    // What was due in a window is decided when the last of it is answered.
    const window = observation.kind === 'quantile' ? observation.windows[index] : undefined;
    const span = [startMs - SETTLE_MS, endMs + (window ?? []).reduce((longest, ms) => Math.max(longest, ms), 0)] as const;
    return !disturbed.some((noise) => overlaps(noise, span));
  });
  const left = kept.filter(Boolean).length;
  if (left < MIN_LEFT || left / times.length < MIN_SHARE_LEFT) return { observation: null, words: 'too little else is left to judge by' };
  return { observation: only(observation, kept), words: 'without that time and what piled up in it the result is' };
}

type Windowed = Extract<Observation, { kind: 'quantile' | 'rate' | 'ratio' }>;

function only(observation: Windowed, kept: readonly boolean[]): Observation {
  const isKept = (_: unknown, index: number): boolean => kept[index] === true;
  const windowTimes = observation.windowTimes?.filter(isKept) ?? [];
  if (observation.kind === 'ratio') {
    const windows = observation.windows?.filter(isKept) ?? [];
    const sum = (of: 'successes' | 'trials'): number => windows.reduce((total, window) => total + window[of], 0);
    return { kind: 'ratio', successes: sum('successes'), trials: sum('trials'), windows };
  }
  return observation.kind === 'quantile'
    ? { ...observation, windows: observation.windows.filter(isKept), windowTimes }
    : { ...observation, windows: observation.windows.filter(isKept), windowTimes };
}

/** What others took of the time of a measurement. */
interface Loss {
  readonly lostMs: number;
  /** Share of that time that was left. */
  readonly left: number;
  /** Share of the machine that was left when it was least. */
  readonly least: number;
}

const MOST_FOREIGN = 0.95;

/** Whoever has a share of a machine for some time loses the rest of that time. */
function lossOf(disturbed: readonly Disturbance[], [fromMs, toMs]: Span): Loss {
  const lengthIn = ({ startMs, endMs }: Disturbance): number => Math.min(endMs, toMs) - Math.max(startMs, fromMs);
  const lostMs = disturbed.reduce((sum, window) => sum + Math.min(MOST_FOREIGN, window.share) * lengthIn(window), 0);
  const most = disturbed.reduce((max, window) => Math.max(max, window.share), 0);
  return { lostMs, left: toMs > fromMs ? 1 - lostMs / (toMs - fromMs) : 1, least: 1 - Math.min(MOST_FOREIGN, most) };
}

/** What it would have been with all processors, at best. Right for work that is done one after the other. */
function sped(observation: Observation, loss: Loss): Rest {
  return { observation: scaled(observation, loss), words: 'with those cores the result may have been' };
}

function scaled(observation: Observation, { lostMs, left, least }: Loss): Observation {
  const by = (values: readonly number[]): number[] => values.map((value) => value * left);
  switch (observation.kind) {
    case 'quantile':
      return { ...observation, windows: observation.windows.map(by) };
    case 'mean':
      return {
        ...observation,
        samples: isMoreBetter(observation) ? observation.samples.map((value) => value / left) : by(observation.samples),
      };
    case 'level':
      // One sample decides. When it was taken is not known: it lost no more than all that was lost, nor more than there was to lose in its time.
      return {
        ...observation,
        samples: observation.samples.map((value) => (isMoreBetter(observation) ? value / left : Math.max(value - lostMs, value * least))),
      };
    case 'ratio':
      return inTime(observation);
    case 'rate':
      return { ...observation, windows: observation.windows.map((value) => value / left) };
    default:
      return observation;
  }
}

function isMoreBetter(observation: Extract<Observation, { kind: 'mean' | 'level' }>): boolean {
  return observation.unit === 'rps' || (observation.kind === 'level' && observation.worst === 'min');
}

function figure(value: number, observation: Observation): string {
  if (observation.kind === 'ratio') return `${(value * 100).toFixed(1)} %`;
  const unit = 'unit' in observation && observation.unit === 'rps' ? 'rps' : 'ms';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}
