import { setTimeout as delay } from 'node:timers/promises';
import { constantRate, NotMeasured, runLoad, type LoadPlan, type LoadResult, type Outcome, type SuiteRun } from '../../harness/index.ts';
import { PATIENCE_MS, type Span } from '../support/asked.ts';
import { widestBound } from '../support/limits.ts';

/** So often each companion asks: enough for a p95 in a quick run, too little to be a load of its own. */
const EACH_PER_SECOND = 5;

/** Somebody who asks now and then beside the declared load, and keeps what came back. */
export interface Companion {
  ask(call: { readonly index: number; readonly signal: AbortSignal }): Promise<Outcome>;
}

interface Accompanied {
  readonly result: LoadResult;
  /** Call its faults ours when the turns did not come in time. null: nobody accompanied the load. */
  readonly aside: LoadResult | null;
  /** The measured time of the load. What was asked outside it met another load, or none. */
  readonly loadedMs: Span;
}

/**
 * Runs a load of `durationMs` and lets the companions ask in turn from its first arrival on until it is over, in this process: their answers
 * are read, not just counted. When one of the two fails the other is ended before this throws.
 */
export async function loadBeside(
  run: SuiteRun,
  { plan, durationMs }: { readonly plan: LoadPlan; readonly durationMs: number },
  companions: readonly Companion[],
): Promise<Accompanied> {
  const stop = new AbortController();
  let begin: (startAtMs: number | null) => void = () => {};
  const begun = new Promise<number | null>((resolve) => {
    begin = resolve;
  });
  const loading = run.load(plan, { onStart: begin }).finally(() => begin(null));
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const asking = begun.then((startAtMs) => (startAtMs === null ? null : accompany(run, companions, { startAtMs, durationMs, signal })));
  try {
    const [result, aside] = await Promise.all([loading, asking]);
    const { startedAtMs } = result;
    return { result, aside, loadedMs: [startedAtMs + plan.warmupMs, startedAtMs + durationMs] };
  } catch (error) {
    stop.abort();
    await Promise.allSettled([loading, asking]);
    throw error;
  }
}

interface Turns {
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

async function accompany(run: SuiteRun, companions: readonly Companion[], turns: Turns): Promise<LoadResult | null> {
  const { startAtMs, durationMs } = turns;
  if (companions.length === 0) return null;
  await delay(Math.max(0, startAtMs - nowMs(run)));
  return runLoad({
    schedule: constantRate({ perSecond: companions.length * EACH_PER_SECOND, durationMs }),
    action: async ({ index }, signal) => {
      const companion = companions[index % companions.length];
      return { outcome: companion === undefined ? 'unknown' : await companion.ask({ index, signal }) };
    },
    warmupMs: 0,
    maxInFlight: 512,
    timeoutMs: PATIENCE_MS,
    drainMs: PATIENCE_MS,
    signal: turns.signal,
  });
}

/** @throws NotMeasured when a bound of the criterion is beyond what anybody waits here. */
export function requireBoundWithin(run: SuiteRun, id: string): void {
  const boundMs = widestBound(run, id);
  if (boundMs > PATIENCE_MS)
    throw new NotMeasured(`nobody waits longer than ${PATIENCE_MS} ms for an answer here, which cannot show ${boundMs} ms`);
}

/** Now, on CLOCK_MONOTONIC. */
export function nowMs(run: Pick<SuiteRun, 'now' | 'startMonotonicMs'>): number {
  return run.startMonotonicMs + run.now();
}
