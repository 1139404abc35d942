import type { StepFigures, StepVerdict } from './capacity-step.ts';

/** `double`: as far up as it goes; `narrow`: between what was kept and what was not; `confirm`: a little below the answer, once more. */
export type StepPurpose = 'double' | 'narrow' | 'confirm';

export interface CapacityStep {
  readonly purpose: StepPurpose;
  readonly holdMs: number;
  readonly verdict: StepVerdict;
  readonly figures: StepFigures;
}

export interface SearchLimits {
  readonly startPerSecond: number;
  readonly maxPerSecond: number;
  readonly limitMs: number;
  /** Time for the steps; what comes after them is not in it. */
  readonly budgetMs: number;
}

/** Highest rate that was sustained and lowest beyond it; 0 and null when there was none. */
export interface Bracket {
  readonly low: number;
  readonly high: number | null;
}

/** `narrow`: as near as asked. `budget`: no time for another step. `ceiling`: the highest rate is sustained. `generator`: at fault again and again. */
export type StopReason = 'narrow' | 'budget' | 'ceiling' | 'floor' | 'generator';

export type NextStep =
  | { readonly kind: 'step'; readonly purpose: StepPurpose; readonly perSecond: number; readonly holdMs: number }
  | { readonly kind: 'done'; readonly reason: StopReason };

/** The bracket is narrow enough when its ends are so near each other. */
const RESOLUTION = 1.03;
const CONFIRM_AT = 0.95;
const ATTEMPTS = 5;
const LOWEST_PER_SECOND = 0.5;
/** A step with fewer says nothing about its rate; one with none would end before it began. */
const FEWEST_ARRIVALS = 4;

/**
 * Short: a step at twice the capacity shows itself at once. Long enough that a queue that grows by 2 % leaves no doubt, and that something is
 * due in it at all.
 */
export function holdOf(purpose: StepPurpose, limitMs: number, perSecond: number): number {
  const shortest = purpose === 'double' ? within(4 * limitMs, 1000, 3000) : within(20 * limitMs, 3000, 5000);
  return Math.max(shortest, (1000 * FEWEST_ARRIVALS) / perSecond);
}

/** Pure: the next rate to try after these steps, which took `spentMs`. */
export function nextStep(limits: SearchLimits, steps: readonly CapacityStep[], spentMs: number): NextStep {
  const last = steps.at(-1);
  if (last === undefined) return step('double', limits.startPerSecond, limits.limitMs);
  const leftMs = limits.budgetMs - spentMs;
  const next = last.verdict === 'unknown' ? again(steps, last) : onwards(limits, steps, leftMs);
  return next.kind === 'step' && next.holdMs > leftMs ? { kind: 'done', reason: 'budget' } : next;
}

/** What the generator was at fault for is tried again, and never counted against the target. */
function again(steps: readonly CapacityStep[], last: CapacityStep): NextStep {
  const others = steps.findLastIndex(({ verdict }) => verdict !== 'unknown');
  if (steps.length - 1 - others >= ATTEMPTS) return { kind: 'done', reason: 'generator' };
  return { kind: 'step', purpose: last.purpose, perSecond: last.figures.perSecond, holdMs: last.holdMs };
}

function onwards(limits: SearchLimits, steps: readonly CapacityStep[], leftMs: number): NextStep {
  const { low, high } = bracketOf(steps);
  const { limitMs, maxPerSecond } = limits;
  if (high === null)
    return low >= maxPerSecond ? { kind: 'done', reason: 'ceiling' } : step('double', Math.min(2 * low, maxPerSecond), limitMs);
  if (low === 0) return high / 2 < LOWEST_PER_SECOND ? { kind: 'done', reason: 'floor' } : step('double', high / 2, limitMs);
  const confirm = step('confirm', CONFIRM_AT * low, limitMs);
  const confirmed = steps.some(
    ({ purpose, verdict, figures }) => purpose === 'confirm' && verdict === 'sustained' && figures.perSecond < low,
  );
  // A better answer is worth less than one that has been seen twice.
  const affordable = leftMs >= holdOf('narrow', limitMs, low) + (confirmed ? 0 : confirm.holdMs);
  const rate = affordable ? between({ low, high }, steps) : null;
  if (rate !== null) return step('narrow', rate, limitMs);
  return confirmed ? { kind: 'done', reason: high / low <= RESOLUTION ? 'narrow' : 'budget' } : confirm;
}

/** Of several steps at one rate the last counts. */
export function bracketOf(steps: readonly CapacityStep[]): Bracket {
  const latest = new Map<number, StepVerdict>();
  for (const { verdict, figures } of steps) if (verdict !== 'unknown') latest.set(figures.perSecond, verdict);
  const rates = (wanted: StepVerdict) => [...latest].flatMap(([rate, verdict]) => (verdict === wanted ? [rate] : []));
  const high = Math.min(...rates('beyond'));
  const low = Math.max(0, ...rates('sustained').filter((rate) => rate < high));
  return { low, high: Number.isFinite(high) ? high : null };
}

/**
 * The rate to try between two ends, null when they are near enough. What the lowest rate beyond still got answered is a guess at the capacity,
 * mostly a good one: just below and just above it come first, then the geometric middle. An upper end that only a short step has shown is
 * tried again before it decides.
 */
function between({ low, high }: { readonly low: number; readonly high: number }, steps: readonly CapacityStep[]): number | null {
  const beyond = steps.filter(({ figures }) => figures.perSecond === high);
  const shown = beyond.some(({ purpose }) => purpose !== 'double');
  const guess = beyond.at(-1)?.figures.achievedPerSecond ?? 0;
  const [below, above] = [guess * 0.97, guess * 1.03];
  if (low < 0.95 * guess && below < high) return below;
  if (above > low * 1.01 && above * RESOLUTION < high) return above;
  if (!shown && high / low < 1.25) return high;
  return high / low <= RESOLUTION ? null : Math.sqrt(low * high);
}

function step(purpose: StepPurpose, perSecond: number, limitMs: number): NextStep & { readonly kind: 'step' } {
  return { kind: 'step', purpose, perSecond, holdMs: holdOf(purpose, limitMs, perSecond) };
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
