import { MusterError } from '../model/errors.ts';
import { evenArrivals, poissonArrivals } from './arrivals.ts';
import { mixOrder } from './mix.ts';
import type { Schedule } from './pacer.ts';
import { planMistakes } from './plan-mistakes.ts';
import type { LoadPlan, Shape, Shard } from './plan.ts';
import { curveOf } from './rate-curve.ts';

/** When the arrivals of a plan are due, and of which entry of the mix each is; of those only what the shard owns. */
export interface PlannedSchedule extends Schedule {
  /** Position of the `index`-th arrival of this shard in the whole schedule. */
  globalIndex(index: number): number;
  /** Entry of `plan.mix` for the `index`-th arrival of this shard. */
  entryOf(index: number): number;
}

/**
 * The share of a plan's arrivals that a shard owns. `perSecond` is the mean rate of the share. Asked for in order, an arrival costs about as
 * much as the shards it passes over; nothing is kept per arrival.
 * @throws MusterError that names everything wrong with the plan or the shard at once.
 */
export function scheduleOf(plan: LoadPlan, shard: Shard): PlannedSchedule {
  const wrong = [...planMistakes(plan), ...shardMistakes(shard)];
  if (wrong.length > 0) throw invalid(`Load ${plan.id}`, wrong);
  const curve = curveOf(plan.shape);
  const whole = plan.arrivals === 'even' ? evenArrivals(curve) : poissonArrivals(curve, plan.seed);
  const entryOf = mixOrder(plan.mix, plan.seed);
  const globalIndex = (index: number): number => shard.index + index * shard.of;
  return {
    perSecond: (curve.total * 1000) / curve.durationMs / shard.of,
    durationMs: curve.durationMs,
    count: Math.max(0, Math.ceil((whole.count - shard.index) / shard.of)),
    dueAt: (index) => whole.dueAt(globalIndex(index)),
    globalIndex,
    entryOf: (index) => entryOf(globalIndex(index)),
  };
}

/** Highest rate of a shape, arrivals per second: what slots and connections must be enough for. */
export function peakRate(shape: Shape): number {
  return curveOf(shape).peakPerSecond;
}

function shardMistakes({ index, of }: Shard): readonly string[] {
  const fits = Number.isInteger(of) && of >= 1 && Number.isInteger(index) && index >= 0 && index < of;
  return fits ? [] : [`shard ${index} of ${of}, expected whole numbers with 0 ≤ index < of`];
}

function invalid(what: string, wrong: readonly string[]): MusterError {
  return new MusterError(`${what}: ${wrong.join('; ')}.`, {
    code: 'MUSTER_LOAD_PLAN',
    blame: 'config',
    hint: 'Set the rates, durations and weights of the load to values that it can be run with, e.g. workload.rate: 120rps.',
  });
}
