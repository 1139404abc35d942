import type { Outcome } from '../model/outcome.ts';
import type { EncodedHistogram } from './histogram.ts';
import type { EncodedSamples } from './latency-store.ts';
import type { Shard } from './plan.ts';
import type { EncodedWindow } from './tally.ts';
import type { LoadResult } from './types.ts';

/** What all shards of a load have in common: the schedule as a whole, and how it is measured. */
export interface LoadFrame {
  readonly perSecond: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  /** Windows of the measured time, all of one length. */
  readonly windows: number;
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  readonly gatedQuantile: number;
  readonly goodWithinMs: number | null;
  readonly successOutcomes: readonly Outcome[];
}

export interface OperationReport {
  readonly name: string;
  readonly scheduled: number;
  readonly windows: readonly EncodedWindow[];
}

/** What one worker hands over of its share: plain JSON that merges with the others' without loss. */
export interface ShardReport {
  readonly shard: Shard;
  readonly frame: LoadFrame;
  /** One per entry of the mix, in its order. */
  readonly operations: readonly OperationReport[];
  readonly warmup: { readonly scheduled: number; readonly byOutcome: Readonly<Record<Outcome, number>> };
  readonly counts: Readonly<
    Record<'scheduled' | 'offeredInTime' | 'sent' | 'dropped' | 'unfinished' | 'cancelled' | 'queued' | 'bytes' | 'leaked', number>
  >;
  readonly latenessMs: EncodedSamples;
  readonly serviceTimeMs: EncodedSamples;
  /** Most under way at once in each window. */
  readonly peakInFlight: readonly number[];
  /** Offset up to which it measured: the end of the schedule, or where it was ended early. */
  readonly endMs: number;
  readonly aborted: boolean;
  readonly stopped: string | null;
  /** Event-loop utilisation while arrivals were due, and CPU until the last was settled, of the worker's process. */
  readonly self: { readonly elu: number; readonly cpuMs: number };
  readonly crashes: { readonly count: number; readonly examples: readonly string[] };
  /** Offset 0 of the schedule on the worker's CLOCK_MONOTONIC. */
  readonly startedAtMs: number;
  /** How late the first arrival was sent (ms), on the worker's clock; null: none was. */
  readonly firstSendErrorMs: number | null;
  /** What the worker's generator could do around the load; whoever runs the shard adds it. */
  readonly calibration: LoadResult['calibration'];
}

/** What a shard did since its last snapshot, warm-up included. The sum of all snapshots is what it did. */
export interface ShardSnapshot {
  /** From offset 0 of the schedule to now. */
  readonly elapsedMs: number;
  /** Came due. */
  readonly scheduled: number;
  readonly sent: number;
  /** Ended in whatever way, or dropped. */
  readonly settled: number;
  readonly successes: number;
  /** From due, of what settled. */
  readonly latency: EncodedHistogram;
}
