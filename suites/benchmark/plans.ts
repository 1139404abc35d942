import type { LoadPlan, MixEntry, Shape, SuiteRun } from '../../harness/index.ts';

/** Connections are opened and code is compiled in it: shown in the report, and in none of the figures. */
export const WARMUP_MS = 1_000;

interface Asked extends Pick<LoadPlan, 'id' | 'suite' | 'label'> {
  readonly durationMs: number;
  readonly mix: readonly MixEntry[];
  readonly perSecond?: number;
}

/** A constant rate, the declared one unless told otherwise, for `durationMs` with the warm-up in it. */
export function steadyPlan(run: SuiteRun, { durationMs, perSecond = run.spec.workload.ratePerSecond, ...asked }: Asked): LoadPlan {
  return shapedPlan(run, { ...asked, shape: { kind: 'constant', perSecond, durationMs } });
}

export function shapedPlan(run: SuiteRun, asked: Omit<Asked, 'durationMs' | 'perSecond'> & { readonly shape: Shape }): LoadPlan {
  return {
    ...asked,
    arrivals: 'even',
    seed: run.seed,
    agents: run.spec.workload.agents,
    warmupMs: WARMUP_MS,
    maxInFlight: 512,
    timeoutMs: 5_000,
    drainMs: 5_000,
    gatedQuantile: 0.99,
  };
}
