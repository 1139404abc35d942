import type { ShardReport, ShardSnapshot } from '../load/index.ts';
import type { ErrorData } from '../model/error-data.ts';
import type { LoadTask } from './load-task.ts';

/** How often a worker says that it is alive, and what it has done since. */
export const BEAT_MS = 500;

/** What a worker is told about its share. */
export type Told =
  | { readonly kind: 'prepare'; readonly task: LoadTask }
  /** CLOCK_MONOTONIC of the worker's machine. */
  | { readonly kind: 'go'; readonly startAtMs: number }
  | { readonly kind: 'abort' };

/** What a worker says of its share, or what is seen of the worker. */
export type Said =
  /** Who does it; said first where it is not known before. */
  | { readonly kind: 'taken'; readonly worker: string }
  | { readonly kind: 'ready' }
  /** Every `BEAT_MS`, from the first moment on. */
  | { readonly kind: 'beat'; readonly snapshots: readonly ShardSnapshot[] }
  | { readonly kind: 'began'; readonly lateMs: number }
  | { readonly kind: 'done'; readonly report: ShardReport }
  /** It could not do its share: a defect of ours, or something that the target does not bind. */
  | { readonly kind: 'failed'; readonly error: ErrorData }
  /** The worker itself is gone. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Something that hands shares to workers and hears from them: processes of this machine, or a queue. */
export interface LoadWorkers extends AsyncDisposable {
  /** How many shares a load is to have now. */
  count(): Promise<number>;
  /**
   * Hands every task to a worker of its own; `hear` is called with what each says, beginning at once.
   * @throws MusterError when they cannot be handed out.
   */
  open(tasks: readonly LoadTask[], hear: (index: number, said: Said) => void): Promise<OpenShares>;
}

/** Shares that are out. Disposal takes back what is not over; a worker that does not come back is ended or left alone. */
export interface OpenShares extends AsyncDisposable {
  /** @param startAtMs CLOCK_MONOTONIC of this machine. */
  go(startAtMs: number): void;
  /** Ends the load at once; the workers still hand over what they have. */
  abort(): void;
}
