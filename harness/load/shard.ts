import type { LoadClock } from './clock.ts';
import { Engine } from './engine.ts';
import type { Operation } from './operation.ts';
import type { LoadPlan, Shard } from './plan.ts';
import { scheduleOf } from './shapes.ts';
import type { ShardReport, ShardSnapshot } from './shard-report.ts';
import type { LiveWindow, LoadResult } from './types.ts';

export interface ShardOptions {
  readonly plan: LoadPlan;
  readonly shard: Shard;
  /** One per entry of `plan.mix`, in its order; opened by the caller before, and disposed of after. */
  readonly operations: readonly Operation[];
  /** CLOCK_MONOTONIC instant of offset 0 of the schedule; at once when absent. What is past already is sent late. */
  readonly startAtMs?: number;
  /** Ends the share at once: what is under way is cut off and left out of the figures. */
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
  /** Called about every 500 ms, for progress. */
  readonly onWindow?: (live: LiveWindow) => void;
  /** Called each second and once at the end: sign of life, live view, and what an early stop is decided on. */
  readonly onSnapshot?: (snapshot: ShardSnapshot) => void;
}

/**
 * Runs the arrivals that a shard owns. Never rejects for what the target does; an aborted share resolves, as soon as the operations obey,
 * with what was measured until then. `plan.stopWhen` is applied to a shard that is the whole; of several each sees too little to judge.
 * @throws MusterError when the plan cannot give a measurement.
 */
export async function runShard(options: ShardOptions): Promise<ShardReport> {
  const { plan, shard, operations, startAtMs, signal, clock, onWindow, onSnapshot } = options;
  const schedule = scheduleOf(plan, shard);
  const { warmupMs, timeoutMs, drainMs, agents, successOutcomes, gatedQuantile, goodWithinMs, stopWhen } = plan;
  return new Engine({
    warmupMs,
    timeoutMs,
    drainMs,
    maxInFlight: Math.ceil(plan.maxInFlight / shard.of),
    schedule,
    shard,
    operations,
    agents,
    drainFromMs: schedule.durationMs,
    whole: { perSecond: schedule.perSecond * shard.of, maxInFlight: plan.maxInFlight },
    ...(startAtMs !== undefined && { startAtMs }),
    ...(successOutcomes && { successOutcomes }),
    ...(gatedQuantile !== undefined && { gatedQuantile }),
    ...(goodWithinMs !== undefined && { goodWithinMs }),
    ...(stopWhen && shard.of === 1 && { stopWhen }),
    ...(signal && { signal }),
    ...(clock && { clock }),
    ...(onWindow && { onWindow }),
    ...(onSnapshot && { onSnapshot }),
  }).run();
}

/** Share of the schedule, 0..1, that nobody measured because its worker was lost, and why in a sentence; null: all was measured. */
export function lostShare({ shards }: Pick<LoadResult, 'shards'>): { readonly share: number; readonly reason: string } | null {
  const lost = shards.filter((shard) => shard.lost !== null);
  if (lost.length === 0) return null;
  const names = lost.map(({ worker, lost: why }) => `${worker}: ${why ?? ''}`).join('; ');
  return { share: lost.length / shards.length, reason: `${lost.length} of ${shards.length} load workers were lost (${names})` };
}
