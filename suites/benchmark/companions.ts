import { constantRate, runLoad, type LoadResult, type Outcome, type SuiteRun } from '../../harness/index.ts';

/** So often each companion asks: enough for a p95 in a quick run, too little to be a load of its own. */
const EACH_PER_SECOND = 5;
const TIMEOUT_MS = 10_000;

/** Somebody who asks now and then beside the declared load, and keeps what came back. */
export interface Companion {
  ask(call: { readonly index: number; readonly signal: AbortSignal }): Promise<Outcome>;
}

/** One thing that a companion saw. */
export interface Sighting {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly ms: number;
}

/**
 * Lets the companions ask in turn for `durationMs`, in this process: their answers are read, not just counted. null: there are none.
 * Call the result's faults ours when the turns did not come in time.
 */
export async function accompany(run: SuiteRun, companions: readonly Companion[], durationMs: number): Promise<LoadResult | null> {
  if (companions.length === 0) return null;
  return runLoad({
    schedule: constantRate({ perSecond: companions.length * EACH_PER_SECOND, durationMs }),
    action: async ({ index }, signal) => {
      const companion = companions[index % companions.length];
      return { outcome: companion === undefined ? 'unknown' : await companion.ask({ index, signal }) };
    },
    warmupMs: 0,
    maxInFlight: 512,
    timeoutMs: TIMEOUT_MS,
    drainMs: TIMEOUT_MS,
    signal: run.signal,
  });
}

const WINDOW_MS = 1_000;

/** Times by the second they were seen in, in the order of time, for the statistics and to tell which of them the machine disturbed. */
export function bySecond(seen: readonly Sighting[]): { readonly windows: number[][]; readonly windowTimes: [number, number][] } {
  const start = Math.min(...seen.map(({ atMs }) => atMs));
  const seconds = new Map<number, number[]>();
  for (const { atMs, ms } of seen) {
    const second = Math.floor((atMs - start) / WINDOW_MS);
    seconds.set(second, [...(seconds.get(second) ?? []), ms]);
  }
  const inOrder = [...seconds].toSorted(([one], [other]) => one - other);
  return {
    windows: inOrder.map(([, times]) => times),
    windowTimes: inOrder.map(([second]) => [start + second * WINDOW_MS, start + (second + 1) * WINDOW_MS]),
  };
}

/** Now, on CLOCK_MONOTONIC. */
export function nowMs(run: Pick<SuiteRun, 'now' | 'startMonotonicMs'>): number {
  return run.startMonotonicMs + run.now();
}
