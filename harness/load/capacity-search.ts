import type { Bracket, CapacityStep, SearchLimits, StopReason } from './capacity-plan.ts';
import { bracketOf, nextStep } from './capacity-plan.ts';
import type { CapacityRules } from './capacity-step.ts';
import { stepFigures, verdictOf } from './capacity-step.ts';
import type { LoadClock } from './clock.ts';
import { systemClock } from './clock.ts';
import { generatorFault } from './generator-fault.ts';
import type { Overload, Recovery } from './overload.ts';
import { OVERLOAD, overloadOf, RELIEF } from './overload.ts';
import type { LoadPlan, Shape } from './plan.ts';
import type { LoadResult } from './types.ts';

export interface CapacityOptions extends Omit<CapacityRules, 'minSuccess'> {
  /** What to load with; its shape, times and slots are set for each step. Even arrivals tell a capacity sooner than Poisson ones. */
  readonly plan: Omit<LoadPlan, 'shape' | 'warmupMs' | 'timeoutMs' | 'drainMs'>;
  /** 0.99 when absent. */
  readonly minSuccess?: number;
  readonly startPerSecond: number;
  readonly maxPerSecond: number;
  /**
   * Where no generator here can go beyond the capacity, 150 % of so much at least is overload enough. Without it nothing is said of
   * overload there.
   */
  readonly neededPerSecond?: number;
  /** The recovery is watched at least so long; 7.5 s when absent. */
  readonly watchMs?: number;
  /** For all together; 40 s when absent. Too little makes the bracket wider, never the answer wrong. */
  readonly budgetMs?: number;
  readonly clock?: LoadClock;
}

/** Where the latency leaves its flat part, or success drops. */
export interface Knee {
  /** Highest rate up to which all is flat. */
  readonly perSecond: number;
  readonly flatMs: number;
  /** Lowest rate that is not. */
  readonly leavesAtPerSecond: number;
}

export interface CapacityResult {
  readonly steps: readonly CapacityStep[];
  /**
   * Highest sustained rate and what it lies between; `high` null: no rate was beyond it. With a `fault` the target can do at least so much.
   * null: no rate was sustained.
   */
  readonly capacity: (Bracket & { readonly perSecond: number }) | null;
  readonly reason: StopReason;
  readonly knee: Knee | null;
  readonly overload: Overload | null;
  readonly recovery: Recovery | null;
  /** Why the search ended before the target did: the generator was at fault however often it was tried; null: it was not. */
  readonly fault: string | null;
  /** The same of overload and recovery, which are null then. */
  readonly overloadFault: string | null;
  readonly tookMs: number;
}

const BUDGET_MS = 40_000;
const MIN_SUCCESS = 0.99;
const WARMUP_SHARE = 0.2;
/** A latency that is so many times that of the low rates is not flat any more. */
const KNEE_FACTOR = 2;

type RunStep = (plan: LoadPlan) => Promise<LoadResult>;

/**
 * Finds the highest rate that a target sustains: doubling, then narrowing to 3 %, one confirmation a little below; then shows it at 150 % and
 * back at 70 % of that. `runStep` runs one load and nothing beside it; calibrating around each step would spend the budget.
 */
export async function searchCapacity(runStep: RunStep, options: CapacityOptions): Promise<CapacityResult> {
  const clock = options.clock ?? systemClock;
  const startMs = clock.nowMs();
  const rules: CapacityRules = { limitMs: options.limitMs, q: options.q, minSuccess: options.minSuccess ?? MIN_SUCCESS };
  const { steps, reason, aborted } = await climb(runStep, options, { rules, spentMs: () => clock.nowMs() - startMs });
  const bracket = bracketOf(steps);
  const fault = reason === 'generator' ? (steps.at(-1)?.figures.generatorFault ?? null) : null;
  const capacity = bracket.low === 0 || aborted ? null : { ...bracket, perSecond: bracket.low };
  const tail = await beyond(runStep, options, { rules, capacity });
  return { steps, capacity, reason, knee: kneeOf(steps, rules), ...tail, fault, tookMs: clock.nowMs() - startMs };
}

async function climb(
  runStep: RunStep,
  options: CapacityOptions,
  { rules, spentMs }: { readonly rules: CapacityRules; readonly spentMs: () => number },
): Promise<{ readonly steps: readonly CapacityStep[]; readonly reason: StopReason; readonly aborted: boolean }> {
  const limits: SearchLimits = { ...options, budgetMs: (options.budgetMs ?? BUDGET_MS) - SHARES.length * stretchMs(options) };
  let aborted = false;
  const steps: CapacityStep[] = [];
  let next = nextStep(limits, steps, 0);
  while (next.kind === 'step') {
    const { purpose, perSecond, holdMs } = next;
    const result = await runStep(stepPlan(options, steps.length, { perSecond, holdMs }));
    const figures = { ...stepFigures(result, rules), perSecond };
    steps.push({ purpose, holdMs, verdict: verdictOf(figures, rules), figures });
    aborted = result.aborted;
    next = aborted ? { kind: 'done', reason: 'generator' } : nextStep(limits, steps, spentMs());
  }
  return { steps, reason: next.reason, aborted };
}

/** 150 % of the capacity, and back at 70 % for three times as long. */
const SHARES = [OVERLOAD, RELIEF, RELIEF, RELIEF];

type Beyond = Pick<CapacityResult, 'overload' | 'recovery' | 'overloadFault'>;

/**
 * Beyond the capacity, if it was found and the generator can go there. Else at the highest rate that it has proven, when that is 150 % of what
 * is needed: then the target was not beyond its capacity, and need not be.
 */
async function beyond(
  runStep: RunStep,
  options: CapacityOptions,
  { rules, capacity }: { readonly rules: CapacityRules; readonly capacity: CapacityResult['capacity'] },
): Promise<Beyond> {
  const nothing: Beyond = { overload: null, recovery: null, overloadFault: null };
  if (capacity === null) return nothing;
  const { low, high } = capacity;
  const first = high === null ? nothing : await overloaded(runStep, options, { rules, basePerSecond: low, isBeyondCapacity: true });
  const isNeedProven = options.neededPerSecond !== undefined && low >= OVERLOAD * options.neededPerSecond;
  if (first.overload !== null || !isNeedProven) return first;
  return overloaded(runStep, options, { rules, basePerSecond: low / OVERLOAD, isBeyondCapacity: false });
}

async function overloaded(
  runStep: RunStep,
  options: CapacityOptions,
  from: { readonly rules: CapacityRules; readonly basePerSecond: number; readonly isBeyondCapacity: boolean },
): Promise<Beyond> {
  const holdMs = stretchMs(options);
  const shape: Shape = { kind: 'steps', perSecond: SHARES.map((share) => share * from.basePerSecond), holdMs };
  const { id, label } = options.plan;
  const result = await runStep({
    ...options.plan,
    ...timesOf(options),
    id: `${id}.overload`,
    label: `${label}: 150 % of ${from.isBeyondCapacity ? 'the capacity' : 'what was proven'}, then 70 %`,
    shape,
    warmupMs: 0,
    goodWithinMs: from.rules.limitMs,
    calibrate: false,
  });
  const fault = result.aborted ? 'The load was aborted.' : generatorFault(result);
  if (fault !== null) return { overload: null, recovery: null, overloadFault: fault };
  return { ...overloadOf(result, { ...from, overloadMs: holdMs }), overloadFault: null };
}

function stepPlan(
  options: CapacityOptions,
  place: number,
  { perSecond, holdMs }: { readonly perSecond: number; readonly holdMs: number },
): LoadPlan {
  const { plan, limitMs } = options;
  // Twice what a target that keeps the limit can have under way: enough to tell, and what it must work off after the step stays small.
  const slots = Math.ceil((2 * perSecond * limitMs) / 1000) + 16;
  return {
    ...plan,
    ...timesOf(options),
    id: `${plan.id}.step${place + 1}`,
    label: `${plan.label}: ${Number(perSecond.toPrecision(3))}/s`,
    seed: plan.seed + place,
    shape: { kind: 'constant', perSecond, durationMs: holdMs },
    warmupMs: WARMUP_SHARE * holdMs,
    maxInFlight: Math.min(plan.maxInFlight, slots),
    gatedQuantile: options.q,
    calibrate: false,
  };
}

function timesOf({ limitMs }: CapacityOptions): { readonly timeoutMs: number; readonly drainMs: number } {
  const timeoutMs = Math.min(10_000, Math.max(1000, 4 * limitMs));
  return { timeoutMs, drainMs: timeoutMs };
}

/** All stretches together in so little time are cut into 20 windows, so five each; longer ones into windows of a second. */
const SECONDS_FROM_MS = 20_000;

/**
 * Overload takes one stretch, recovery three: at 70 % the backlog of one time-out is worked off in 3.3 times its length. Windows must not
 * straddle two of them.
 */
function stretchMs(options: CapacityOptions): number {
  const restMs = (options.watchMs ?? 0) / (SHARES.length - 1);
  const ms = Math.max(restMs, Math.min(6000, Math.max(2500, 2.25 * timesOf(options).timeoutMs)));
  return SHARES.length * ms <= SECONDS_FROM_MS ? ms : Math.ceil(ms / 1000) * 1000;
}

function kneeOf(steps: readonly CapacityStep[], { minSuccess }: CapacityRules): Knee | null {
  const known = steps.filter(({ verdict }) => verdict !== 'unknown').toSorted((a, b) => a.figures.perSecond - b.figures.perSecond);
  const flatMs = known[0]?.figures.latencyMs ?? null;
  if (flatMs === null) return null;
  const isFlat = ({ verdict, figures }: CapacityStep): boolean =>
    verdict === 'sustained' && figures.successShare >= minSuccess && (figures.latencyMs ?? 0) <= KNEE_FACTOR * flatMs + 1;
  const leaves = known.findIndex((step) => !isFlat(step));
  const [last, first] = [known[leaves - 1], known[leaves]];
  if (last === undefined || first === undefined) return null;
  return { perSecond: last.figures.perSecond, flatMs, leavesAtPerSecond: first.figures.perSecond };
}
